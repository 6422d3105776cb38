// Package sqlite is the embedded store: one file, no server, no cgo.
//
// The file is opened in WAL mode with synchronous=FULL: what [Store.Publish] acknowledged survives a crash of the machine.
// Several processes may open one file; each write takes the file's one write lock for a moment, and waits for it. What one
// published for another to deliver, that finds when it looks: every webhook.Options.Poll.
package sqlite
