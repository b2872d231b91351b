// Goverdict makes files of certificates and keys, good and bad in every way, and prints what Go makes of them: one JSON
// object a line. The argument seeds its random choices.
package main

import (
	"bufio"
	"encoding/json"
	"os"
	"runtime"
	"sync"
)

func main() {
	g := &generator{seed: os.Args[1], seen: map[string]bool{}}
	g.pemTexts()
	g.privateKeys()
	g.fields()
	g.names()
	g.extensions()
	g.signatures()
	g.chains()
	g.damage()

	next := make(chan int)
	var workers sync.WaitGroup
	for range runtime.NumCPU() {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for i := range next {
				g.cases[i].Verdict = judge(g.cases[i], g.hosts[i])
			}
		}()
	}
	for i := range g.cases {
		next <- i
	}
	close(next)
	workers.Wait()

	output := bufio.NewWriter(os.Stdout)
	encoder := json.NewEncoder(output)
	for _, files := range g.cases {
		check(encoder.Encode(files))
	}
	check(output.Flush())
}
