// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"fmt"
	"net/http"
	"strconv"
)

// What ids stand for: the listings of the tenant's users and of its set-up.

// user, wrapupCode, skill, presence, division, team and userGroup are User, WrapupCode,
// RoutingSkill and Language, OrganizationPresenceDefinition, AuthzDivision, Team and Group
// of the public API description.
type (
	user struct {
		ID            string    `json:"id"`
		Name          string    `json:"name"`
		Division      entityRef `json:"division"`
		Email         string    `json:"email"`
		Username      string    `json:"username"`
		State         string    `json:"state"`
		Version       int       `json:"version"`
		ACDAutoAnswer bool      `json:"acdAutoAnswer"`
		SelfURI       string    `json:"selfUri"`
	}
	wrapupCode struct {
		ID          string    `json:"id"`
		Name        string    `json:"name"`
		Division    entityRef `json:"division"`
		DateCreated string    `json:"dateCreated"`
		CreatedBy   string    `json:"createdBy"`
		SelfURI     string    `json:"selfUri"`
	}
	skill struct {
		ID           string `json:"id"`
		Name         string `json:"name"`
		DateModified string `json:"dateModified"`
		State        string `json:"state"`
		Version      string `json:"version"`
		SelfURI      string `json:"selfUri"`
	}
	presence struct {
		ID             string            `json:"id"`
		Type           string            `json:"type"`
		LanguageLabels map[string]string `json:"languageLabels"`
		SystemPresence string            `json:"systemPresence"`
		DivisionID     string            `json:"divisionId"`
		Deactivated    bool              `json:"deactivated"`
		SelfURI        string            `json:"selfUri"`
	}
	division struct {
		ID           string `json:"id"`
		Name         string `json:"name"`
		Description  string `json:"description"`
		HomeDivision bool   `json:"homeDivision"`
		SelfURI      string `json:"selfUri"`
	}
	team struct {
		ID          string    `json:"id"`
		Name        string    `json:"name"`
		Division    entityRef `json:"division"`
		DateCreated string    `json:"dateCreated"`
		MemberCount int       `json:"memberCount"`
		SelfURI     string    `json:"selfUri"`
	}
	userGroup struct {
		ID           string `json:"id"`
		Name         string `json:"name"`
		DateModified string `json:"dateModified"`
		MemberCount  int    `json:"memberCount"`
		State        string `json:"state"`
		Version      int    `json:"version"`
		Type         string `json:"type"`
		RulesVisible bool   `json:"rulesVisible"`
		Visibility   string `json:"visibility"`
		SelfURI      string `json:"selfUri"`
	}
)

// How many there are of what does not follow from the queues.
const (
	wrapupCodes     = 130 // more than a page
	routingSkills   = 12
	languages       = 5
	groups          = 7
	otherDivisions  = 3
	defaultTeamPage = 25
)

func (s *Simulator) dimensions() []route {
	const base = "/api/v2"
	return []route{
		{http.MethodGet, base + "/users", nil, nil, s.users},
		{http.MethodGet, base + "/routing/wrapupcodes", []string{"routing:wrapupCode:view"}, nil, s.wrapupCodes},
		{http.MethodGet, base + "/routing/skills", nil, nil, s.skills("Skill", base+"/routing/skills/", routingSkills)},
		{http.MethodGet, base + "/routing/languages", nil, nil, s.skills("Language", base+"/routing/languages/", languages)},
		{http.MethodGet, base + "/presence/definitions", []string{"presence:presenceDefinition:view"}, nil, s.presences},
		{http.MethodGet, base + "/authorization/divisions", nil, nil, s.divisions},
		{http.MethodGet, base + "/teams", []string{"groups:team:view"}, nil, s.teams},
		{http.MethodGet, base + "/groups", nil, nil, s.groups},
	}
}

func (d dataset) home() entityRef {
	return entityRef{ID: d.divisionID(), Name: "Home", SelfURI: "/api/v2/authorization/divisions/" + d.divisionID()}
}

func (d dataset) entityID(kind string, i int) string {
	return uuid(mix(d.seed, kindEntity, hashString(kind), uint64(i)))
}

// userState: some have left, and are in the tenant's history all the same.
func userState(i int) string {
	switch {
	case i%7 == 6:
		return "deleted"
	case i%5 == 4:
		return "inactive"
	}
	return "active"
}

// users are those of a state, and of the active one unless told.
func (s *Simulator) users(c *call) (reply, *apiError) {
	wanted := c.query.Get("state")
	switch wanted {
	case "":
		wanted = "active"
	case "active", "inactive", "deleted", "any":
	default:
		return reply{}, invalidValue(wanted, "state", "active, inactive, deleted, any")
	}
	var of []int
	for i := range s.data.users() {
		if wanted == "any" || userState(i) == wanted {
			of = append(of, i)
		}
	}
	const most = 500
	return list(c, "", len(of), most, func(n int) user { return s.data.user(of[n]) })
}

func (d dataset) user(i int) user {
	id, name := d.userID(i), fmt.Sprintf("agent%d@example.com", i+1)
	return user{
		ID: id, Name: "Agent " + strconv.Itoa(i+1), Division: d.home(), Email: name, Username: name,
		State: userState(i), Version: 1 + i%3, SelfURI: "/api/v2/users/" + id,
	}
}

func (s *Simulator) wrapupCodes(c *call) (reply, *apiError) {
	return list(c, "", wrapupCodes, maxPage, func(i int) wrapupCode {
		id := s.data.entityID("wrapup", i)
		return wrapupCode{
			ID: id, Name: fmt.Sprintf("Wrap-up %03d", i+1), Division: s.data.home(), DateCreated: stamp(epoch),
			CreatedBy: s.data.userID(0), SelfURI: "/api/v2/routing/wrapupcodes/" + id,
		}
	})
}

// skills lists skills, and languages, which look like them.
func (s *Simulator) skills(kind, path string, total int) func(*call) (reply, *apiError) {
	return func(c *call) (reply, *apiError) {
		return list(c, "", total, maxPage, func(i int) skill {
			id := s.data.entityID(kind, i)
			return skill{id, fmt.Sprintf("%s %02d", kind, i+1), stamp(epoch), "active", "1", path + id}
		})
	}
}

// spelt is how definitions call the system presences; analytics shout.
var spelt = map[string]string{"AVAILABLE": "Available", "BREAK": "Break", "OFFLINE": "Offline", "ON_QUEUE": "OnQueue"}

// presences are all in one answer.
func (s *Simulator) presences(c *call) (reply, *apiError) {
	type presences struct {
		Total    int        `json:"total"`
		Entities []presence `json:"entities"`
		SelfURI  string     `json:"selfUri"`
	}
	page := presences{Entities: []presence{}, SelfURI: relative(c.path, c.query)}
	for _, of := range systemPresences {
		for _, id := range s.data.presences()[of] {
			page.Entities = append(page.Entities, presence{
				id, "System", map[string]string{"en_US": spelt[of]}, spelt[of], "*", false, "/api/v2/presence/definitions/" + id,
			})
		}
	}
	page.Total = len(page.Entities)
	return c.page(page, "", 1, page.Total), nil
}

// divisions are the home division, which all that the tenant has is in, and some more.
func (s *Simulator) divisions(c *call) (reply, *apiError) {
	return list(c, "", 1+otherDivisions, maxPage, func(i int) division {
		of := s.data.home()
		if i > 0 {
			id := s.data.entityID("division", i)
			of = entityRef{id, fmt.Sprintf("Division %d", i), "/api/v2/authorization/divisions/" + id}
		}
		return division{of.ID, of.Name, "", i == 0, of.SelfURI}
	})
}

// teams are as many as the queues, and page by a cursor.
func (s *Simulator) teams(c *call) (reply, *apiError) {
	from, size, err := c.after(defaultTeamPage, maxPage, s.data.queues)
	if err != nil {
		return reply{}, err
	}
	to := min(from+size, s.data.queues)
	page := cursorListing[team]{Entities: make([]team, 0, to-from), SelfURI: relative(c.path, c.query)}
	for i := from; i < to; i++ {
		id := s.data.entityID("team", i)
		page.Entities = append(page.Entities, team{id, "Team of " + queueName(i), s.data.home(), stamp(epoch), agentsPerQueue, "/api/v2/teams/" + id})
	}
	if to < s.data.queues {
		page.NextURI = c.next(to)
	}
	return c.page(page, "", from/size+1, to-from), nil
}

func (s *Simulator) groups(c *call) (reply, *apiError) {
	return list(c, "", groups, maxPage, func(i int) userGroup {
		id := s.data.entityID("group", i)
		return userGroup{id, fmt.Sprintf("Group %d", i+1), stamp(epoch), agentsPerQueue, "active", 1, "official", true, "public", "/api/v2/groups/" + id}
	})
}
