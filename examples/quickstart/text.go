package main

import (
	"strings"
	"unicode"
)

// printable returns text from outside as a terminal can show it: on one line, and without what could steer the terminal
// or turn the reading direction.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '·'
	}, text)
}

// cut returns at most n characters of text.
func cut(text string, n int) string {
	if runes := []rune(text); len(runes) > n {
		return string(runes[:n-1]) + "…"
	}
	return text
}
