// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package rows

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

func TestDecimalsKeepEachDigit(t *testing.T) {
	for number, want := range map[string]string{
		"0": "0", "-0": "0", "0.000": "0", "0e999999999999999999999": "0", "-0.0E-5": "0",
		"9007199254740993": "9007199254740993", "-12.50": "-12.5", "1e3": "1000", "1.5e3": "1500",
		"1E-18": "0.000000000000000001", "1e-19": "", "123e-3": "0.123", "0.1": "0.1", "100": "100",
		"99999999999999999999": "99999999999999999999", "100000000000000000000": "", "1e20": "", "1e19": "10000000000000000000",
		"0.000000000000000000001e3": "0.000000000000000001", "99999999999999999999.999999999999999999": "99999999999999999999.999999999999999999",
		"1e999999999999999999999": "", "1e-999999999999999999999": "",
	} {
		got, ok := number0(number)
		assert.Equal(t, want, got, number)
		assert.Equal(t, want != "", ok, number)
	}
}

func number0(s string) (string, bool) {
	v, ok := convert(Decimal, []byte(s))
	text, _ := v.(string)
	return text, ok
}

// TestADecimalIsTheNumber, as another library understands both.
func TestADecimalIsTheNumber(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,2})?`).Draw(t, "number")
		got, ok := number0(s)
		want, parsed := new(big.Rat).SetString(s)
		if !parsed {
			t.Fatalf("%s is no number", s)
		}
		if !ok {
			limit := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(DecimalPrecision-DecimalScale), nil))
			scaled := new(big.Rat).Mul(want, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(DecimalScale), nil)))
			if new(big.Rat).Abs(want).Cmp(limit) < 0 && scaled.IsInt() {
				t.Fatalf("%s can be held", s)
			}
			return
		}
		is, _ := new(big.Rat).SetString(got)
		if is == nil || is.Cmp(want) != 0 {
			t.Fatalf("%s became %s", s, got)
		}
	})
}
