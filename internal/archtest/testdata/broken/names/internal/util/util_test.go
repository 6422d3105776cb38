package util_test
