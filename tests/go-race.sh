#!/bin/bash
# Go's race detector claims address ranges: no image, and the program works; a plain cgo program has one.
. "$(dirname "$0")/system.sh"
needs go
cat >main.go <<'G'
package main

// int one(void) { return 1; }
import "C"
import "fmt"

func main() { fmt.Println("one", C.one()) }
G
export HOME=$FOLDER GOFLAGS=-mod=mod GOPROXY=off GO111MODULE=off
go build -race -ldflags "-linkmode=external -extldflags=-Wl,--dynamic-linker=$SHIM" -o race main.go || skip "no race detector"
go build -ldflags "-linkmode=external -extldflags=-Wl,--dynamic-linker=$SHIM" -o plain main.go
epoch ./race ./plain
EPOCH=begun
refused claims-addresses ./race
falls no-image ./race <<<'one 1'
fast ./plain <<<'one 1'
