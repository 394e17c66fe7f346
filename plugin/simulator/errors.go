// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"fmt"
	"net/http"
	"strings"
)

// apiError is ErrorBody of the public API description.
type apiError struct {
	Message   string   `json:"message"`
	Code      string   `json:"code"`
	Status    int      `json:"status"`
	ContextID string   `json:"contextId"`
	Details   []detail `json:"details"`
	Errors    []detail `json:"errors"`
	allow     string   // the Allow header of a 405
}

// detail is only there for its shape: the lists are always present and empty.
type detail struct{}

// MarshalJSON has the two lists as [] where a nil slice would be null.
func (e *apiError) MarshalJSON() ([]byte, error) {
	type plain apiError
	p := plain(*e)
	p.Details, p.Errors = []detail{}, []detail{}
	return encode(p), nil
}

func badRequest(format string, args ...any) *apiError {
	return &apiError{Status: http.StatusBadRequest, Code: "bad.request", Message: fmt.Sprintf(format, args...)}
}

func invalidValue(value, field, allowed string) *apiError {
	return &apiError{
		Status: http.StatusBadRequest, Code: "invalid.value",
		Message: fmt.Sprintf("Value [%s] is not valid for field type [%s]. Allowable values are: %s", value, field, allowed),
	}
}

func notFound(what string) *apiError {
	return &apiError{Status: http.StatusNotFound, Code: "not.found", Message: "The requested resource was not found: " + what}
}

func forbidden(permissions []string) *apiError {
	return &apiError{
		Status: http.StatusForbidden, Code: "missing.any.permissions",
		Message: "Unable to perform the requested action. You must have at least one of the following permissions assigned: [" +
			strings.Join(permissions, ", ") + "]",
	}
}

func unauthorised(code, message string) *apiError {
	return &apiError{Status: http.StatusUnauthorized, Code: code, Message: message}
}

func methodNotAllowed(method string, allowed ...string) *apiError {
	return &apiError{
		Status: http.StatusMethodNotAllowed, Code: "method.not.allowed",
		Message: "HTTP 405 Method Not Allowed: " + method, allow: strings.Join(allowed, ", "),
	}
}
