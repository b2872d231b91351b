package main

import (
	"encoding/asn1"
	"math/big"
)

// signatures are chains with each algorithm by each kind of key, and damaged ones.
func (g *generator) signatures() {
	signers := []*key{
		rsaKey(1024, 2, 65537, ""), rsaKey(2048, 2, 65537, ""), ecKey("P-224", "signer"), ecKey("P-256", "signer"), ecKey("P-384", "signer"),
		ecKey("P-521", "signer"), edKey("signer"), dsaKey(),
	}
	for _, signer := range signers {
		for _, used := range sortedKeys(algorithms) {
			with := algorithms[used]
			if with.isPSS && signer.label == "RSA-1024-2-65537" && with.hash.Size()+with.salt+2 > 128 {
				continue
			}
			b := newBundle(false).withRootKey(signer)
			b.leaf.with = &with
			g.add(label("signature ", used, " by ", signer.label), b)
			if !g.isChosen(label("signature ", used, signer.label), 40) {
				continue
			}
			b = newBundle(false).withRootKey(signer)
			b.root.with = &with
			g.add(label("signature ", used, " by itself: ", signer.label), b)
			b = newBundle(true).withRootKey(signer)
			b.middle.with = &with
			g.add(label("signature ", used, " of the intermediate by ", signer.label), b)
		}
	}
	type signature struct{ R, S *big.Int }
	ecdsa := func(change func(*signature)) func([]byte) []byte {
		return func(octets []byte) []byte {
			var read signature
			_, err := asn1.Unmarshal(octets, &read)
			check(err)
			change(&read)
			return sequence(bigInteger(read.R), bigInteger(read.S))
		}
	}
	order := curves["P-256"].Params().N
	damages := map[string]func([]byte) []byte{
		"last bit":        func(o []byte) []byte { return append(o[:len(o)-1:len(o)-1], o[len(o)-1]^1) },
		"empty":           func([]byte) []byte { return nil },
		"cut off":         func(o []byte) []byte { return o[:len(o)-1] },
		"byte after":      func(o []byte) []byte { return join(o, []byte{0}) },
		"byte before":     func(o []byte) []byte { return join([]byte{0}, o) },
		"zero":            func(o []byte) []byte { return make([]byte, len(o)) },
		"long length":     func(o []byte) []byte { return join([]byte{o[0], 0x81}, o[1:]) },
		"long":            func(o []byte) []byte { return join(o, make([]byte, 300)) },
		"more in element": func(o []byte) []byte { return sequence(o[2:], null) },
	}
	numbers := map[string]func(*signature){
		"r 0": func(s *signature) { s.R = big.NewInt(0) }, "s 0": func(s *signature) { s.S = big.NewInt(0) }, "r negative": func(s *signature) { s.R.Neg(s.R) },
		"r + order": func(s *signature) { s.R = new(big.Int).Add(s.R, order) }, "s + order": func(s *signature) { s.S = new(big.Int).Add(s.S, order) },
		"other s": func(s *signature) { s.S = new(big.Int).Sub(order, s.S) }, "swapped": func(s *signature) { s.R, s.S = s.S, s.R },
		"r of 100 octets": func(s *signature) { s.R = new(big.Int).Lsh(s.R, 500) },
	}
	for _, signer := range signers[1:7] {
		for _, damage := range sortedKeys(damages) {
			b := newBundle(false).withRootKey(signer)
			b.leaf.mangleSignature = damages[damage]
			g.add(label("damaged signature, ", damage, ": ", signer.label), b)
		}
	}
	for _, damage := range sortedKeys(numbers) {
		b := newBundle(false)
		b.leaf.mangleSignature = ecdsa(numbers[damage])
		g.add(label("ECDSA signature with ", damage), b)
		b = newBundle(true)
		b.root.mangleSignature = ecdsa(numbers[damage])
		g.add(label("ECDSA signature of the root with ", damage), b)
	}
}

// chains are leaf, intermediates and pool in every order and with every gap.
func (g *generator) chains() {
	g.orders()
	g.crossSigned()
	for i := range 500 {
		g.randomChain(i)
	}
	g.limits()
}

func (g *generator) orders() {
	keys := []*key{ecKey("P-256", "ca0"), ecKey("P-256", "ca1"), ecKey("P-256", "ca2"), ecKey("P-256", "ca3")}
	cas := [][]byte{
		authority("ca0", "ca0", keys[0]).signed(keys[0]), authority("ca1", "ca0", keys[1]).signed(keys[0]),
		authority("ca2", "ca1", keys[2]).signed(keys[1]), authority("ca3", "ca2", keys[3]).signed(keys[2]),
	}
	spare := authority("spare", "spare", ecKey("P-256", "spare")).signed(ecKey("P-256", "spare"))
	garbage := []byte("garbage")
	random := g.random("orders")
	for i := range 150 {
		b := newBundle(false)
		b.leaf.issuer, b.rootKey = name("ca3"), keys[3]
		b.chain, b.pool = [][]byte{}, [][]byte{}
		candidates := append([][]byte{spare, b.leafDER()}, cas...)
		for _, one := range candidates {
			if random.chance(60) {
				at := random.below(len(b.chain) + 1)
				b.chain = append(b.chain[:at:at], append([][]byte{one}, b.chain[at:]...)...)
			}
			if random.chance(25) {
				at := random.below(len(b.pool) + 1)
				b.pool = append(b.pool[:at:at], append([][]byte{one}, b.pool[at:]...)...)
			}
		}
		if random.chance(70) {
			b.pool = append(b.pool, cas[0])
		}
		if random.chance(8) {
			b.chain = append(b.chain, garbage)
		}
		if random.chance(8) {
			b.pool = append([][]byte{garbage}, b.pool...)
		}
		g.add(label("order ", i), b)
	}
}

func (g *generator) crossSigned() {
	oldKey, newKey := ecKey("P-256", "old"), ecKey("P-256", "new")
	expired := func(t *template) []byte { return t.signed(oldKey) }
	for i, isOldExpired := range []bool{false, true} {
		for j, isNewExpired := range []bool{false, true} {
			for k, isCrossExpired := range []bool{false, true} {
				for pool := range 4 {
					for sent := range 4 {
						old, new, cross := authority("old", "old", oldKey), authority("new", "new", newKey), authority("new", "old", newKey)
						for _, one := range []struct {
							template  *template
							isExpired bool
						}{{old, isOldExpired}, {new, isNewExpired}, {cross, isCrossExpired}} {
							if one.isExpired {
								one.template.notAfter = utcTime(now.Add(-day))
							}
						}
						b := newBundle(false)
						b.leaf.issuer, b.rootKey = name("new"), newKey
						oldDER, newDER, crossDER := old.signed(oldKey), new.signed(newKey), expired(cross)
						b.pool = [][][]byte{{oldDER}, {newDER}, {oldDER, newDER}, {newDER, oldDER, crossDER}}[pool]
						b.chain = [][][]byte{{}, {crossDER}, {newDER, crossDER}, {crossDER, oldDER, newDER}}[sent]
						g.add(label("cross-signed ", i, j, k, pool, sent), b)
					}
				}
			}
		}
	}
}

// randomChain is a random net of CAs of few names and keys, some of them in the chain and some in the pool.
func (g *generator) randomChain(number int) {
	random := g.random(label("chain", number))
	names := []string{"a", "b", "c"}
	keys := []*key{ecKey("P-256", "net0"), ecKey("P-256", "net1"), ecKey("P-256", "net2"), ecKey("P-384", "net3"), edKey("net4")}
	identifiers := []string{"one", "two"}
	dress := func(t *template) {
		if random.chance(10) {
			t.notAfter = utcTime(now.Add(-day))
		}
		if random.chance(40) {
			t.extensions = append(t.extensions, keyIdentifier(pick(random, identifiers)))
		}
		if random.chance(40) {
			t.extensions = append(t.extensions, authorityIdentifier(pick(random, identifiers)))
		}
		if random.chance(8) {
			t.extensions = append(t.extensions, constraints([][]byte{dnsName(pick(random, []string{"test", "other"}))}, nil, true))
		}
		if random.chance(10) {
			t.extensions = append(t.extensions, extendedKeyUsage(false, pick(random, []string{"server", "client", "any"})))
		}
		if random.chance(8) {
			t.extensions = append(t.extensions, alternativeNames(dnsName(pick(random, []string{"x.test", "y.test"}))))
		}
		if random.chance(5) {
			t.extensions = append(t.extensions, extension(null, true, 1, 2, 3, 4))
		}
	}
	b := newBundle(false)
	b.chain, b.pool = [][]byte{}, [][]byte{}
	for range 3 + random.below(6) {
		key, issuerKey := pick(random, keys), pick(random, keys)
		t := authority(pick(random, names), pick(random, names), key)
		if random.chance(15) {
			t.extensions[0] = basicConstraints(true, random.below(3))
		}
		if random.chance(5) {
			t.extensions[0] = basicConstraints(false, -1)
		}
		dress(t)
		one := t.signed(issuerKey)
		if random.chance(65) {
			b.chain = append(b.chain, one)
		}
		if random.chance(40) {
			b.pool = append(b.pool, one)
		}
	}
	b.rootKey = pick(random, keys)
	b.leaf.issuer = name(pick(random, names))
	if random.chance(40) {
		b.leaf.extensions = append(b.leaf.extensions, authorityIdentifier(pick(random, identifiers)))
	}
	g.add(label("net ", number), b)
}

// limits are long chains, and more candidates than Go tries.
func (g *generator) limits() {
	for _, depth := range []int{1, 5, 9, 10, 11, 20, 60, 99, 100, 101, 120} {
		for i, length := range []int{-1, depth - 2, depth - 1, depth} {
			if i > 0 && length < 0 {
				continue
			}
			b := newBundle(false)
			b.root.extensions[0] = basicConstraints(true, length)
			b.pool, b.chain = [][]byte{b.rootDER()}, [][]byte{}
			issuer, issuerKey := "root", b.rootKey
			for level := range depth {
				key := ecKey("P-256", label("deep", level))
				subject := label("deep ", level)
				b.chain = append(b.chain, authority(subject, issuer, key).signed(issuerKey))
				issuer, issuerKey = subject, key
			}
			b.leaf.issuer, b.rootKey = name(issuer), issuerKey
			g.add(label("depth ", depth, ", path length ", length), b)
		}
	}
	for _, count := range []int{1, 50, 98, 99, 100, 101, 130} {
		for _, isInPool := range []bool{false, true} {
			b := newBundle(true)
			var others [][]byte
			for i := range count {
				key := ecKey("P-256", label("namesake", i))
				others = append(others, authority("middle", "root", key).signed(b.rootKey))
			}
			middle := b.middle.signed(b.rootKey)
			if isInPool {
				b.chain, b.pool = [][]byte{middle}, append(others, b.rootDER())
			} else {
				b.chain = append(others, middle)
			}
			g.add(label(count, " namesakes, in the pool ", isInPool), b)
			b.leaf.extensions = append(b.leaf.extensions, authorityIdentifier("mine"))
			b.middle.extensions = append(b.middle.extensions, keyIdentifier("mine"))
			middle = b.middle.signed(b.rootKey)
			if isInPool {
				b.chain = [][]byte{middle}
			} else {
				b.chain = append(others, middle)
			}
			g.add(label(count, " namesakes with key identifier, in the pool ", isInPool), b)
		}
	}
}
