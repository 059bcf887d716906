// Package failure says what went wrong: it is the one table from errors to exit codes
// and to what a person can try. Commands return errors of the SDK as they are, and
// Usage for command lines that cannot be carried out. It prints nothing but Report.
package failure
