package main

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"strings"
)

// serverKeys are keys of every kind and size that somebody may have.
func serverKeys() []*key {
	all := []*key{
		rsaKey(512, 2, 65537, ""), rsaKey(768, 2, 65537, ""), rsaKey(1022, 2, 65537, ""), rsaKey(1024, 2, 65537, ""),
		rsaKey(2046, 2, 65537, ""), rsaKey(2048, 2, 65537, ""), rsaKey(2048, 2, 3, ""), rsaKey(2048, 2, 17, ""),
		rsaKey(2048, 2, 1<<31-1, ""), rsaKey(2048, 2, 1<<31+11, ""), rsaKey(3072, 2, 65537, ""),
		rsaKey(2049, 3, 65537, ""), rsaKey(4096, 4, 65537, ""), rsaKey(8192, 16, 65537, ""), rsaKey(8256, 16, 65537, ""),
		edKey(""), dsaKey(),
		opaqueKey("Ed448", sequence(identifier(1, 3, 101, 113)), make([]byte, 57), der(tagOctetString, make([]byte, 57))),
		opaqueKey("X25519", sequence(identifier(1, 3, 101, 110)), make([]byte, 32), der(tagOctetString, make([]byte, 32))),
		opaqueKey("unknown", sequence(identifier(1, 2, 3, 4)), make([]byte, 32), make([]byte, 32)),
	}
	for _, curve := range sortedKeys(curves) {
		all = append(all, ecKey(curve, "server"))
	}
	for _, curve := range []string{"secp256k1", "P-192", "brainpoolP256r1"} {
		algorithm := sequence(ecAlgorithm, curveIdentifiers[curve])
		private := sequence(integer(1), der(tagOctetString, newStream(curve).bytes(32)))
		all = append(all, opaqueKey(curve, algorithm, append([]byte{4}, newStream(curve).bytes(64)...), private))
	}
	ec := ecKey("P-256", "odd").spki
	point := ec[len(ec)-65:]
	named := func(parts ...[]byte) []byte { return sequence(append([][]byte{ecAlgorithm}, parts...)...) }
	p256 := curveIdentifiers["P-256"]
	private := ecKey("P-256", "odd").sec1
	return append(all,
		opaqueKey("EC compressed", named(p256), append([]byte{2 + point[64]&1}, point[1:33]...), private),
		opaqueKey("EC hybrid", named(p256), append([]byte{6 + point[64]&1}, point[1:]...), private),
		opaqueKey("EC off the curve", named(p256), append([]byte{4}, make([]byte, 64)...), private),
		opaqueKey("EC infinity", named(p256), []byte{0}, private),
		opaqueKey("EC of no octets", named(p256), nil, private),
		opaqueKey("EC without curve", named(), point, private),
		opaqueKey("EC with NULL", named(null), point, private),
		opaqueKey("EC with explicit curve", named(sequence(integer(1))), point, private),
		opaqueKey("EC with more after the curve", named(join(p256, null)), point, private),
	)
}

// privateKeys are servers with keys of every kind, in files of every format.
func (g *generator) privateKeys() {
	for _, key := range serverKeys() {
		b := newBundle(false).withLeafKey(key)
		g.add("PKCS#8 key: "+key.label, b)
		if key.pkcs1 != nil {
			b.keyFile = block("RSA PRIVATE KEY", key.pkcs1)
			g.add("PKCS#1 key: "+key.label, b)
		}
		if key.sec1 != nil {
			b.keyFile = block("EC PRIVATE KEY", key.sec1)
			g.add("SEC 1 key: "+key.label, b)
		}
		b.keyFile = block("PRIVATE KEY", ecKey("P-256", "stranger").pkcs8)
		g.add("stranger's key: "+key.label, b)
		b = newBundle(true)
		b.middleKey, b.middle.spki = key, key.spki
		if key.private == nil {
			b.leaf.with = &algorithm{encoding: algorithms["ECDSA-SHA256"].encoding}
		}
		g.add("intermediate: "+key.label, b)
		b = newBundle(true).withRootKey(key)
		g.add("root: "+key.label, b)
		b = newBundle(false)
		b.chain = [][]byte{newTemplate("spare", "root", key).signed(b.rootKey)}
		g.add("certificate that nobody needs: "+key.label, b)
	}
	g.keyFiles()
	g.rsaNumbers()
}

// keyFiles are files in which the key is written in an odd way.
func (g *generator) keyFiles() {
	ec, ed, rsa2048 := ecKey("P-256", "leaf"), edKey("leaf"), rsaKey(2048, 2, 65537, "leaf")
	p384 := ecKey("P-384", "leaf")
	ecParameters := sequence(ecAlgorithm, curveIdentifiers["P-256"])
	scalar := ec.private.(*ecdsa.PrivateKey).D.FillBytes(make([]byte, 32))
	order := curves["P-256"].Params().N
	octets := func(value []byte) []byte { return der(tagOctetString, value) }
	parameters := func(curve string) []byte { return der(0xa0, curveIdentifiers[curve]) }
	public := der(0xa1, ec.spki[len(ec.spki)-68:])
	sec1 := func(parts ...[]byte) []byte { return sequence(parts...) }
	encodings := map[string]struct {
		key      *key
		encoding []byte
	}{
		"SEC 1 without public key": {ec, sec1(integer(1), octets(scalar), parameters("P-256"))},
		"SEC 1 without curve":      {ec, sec1(integer(1), octets(scalar))},
		"SEC 1 with both":          {ec, sec1(integer(1), octets(scalar), parameters("P-256"), public)},
		"SEC 1 public first":       {ec, sec1(integer(1), octets(scalar), public, parameters("P-256"))},
		"SEC 1 version 2":          {ec, sec1(integer(2), octets(scalar), parameters("P-256"))},
		"SEC 1 version 0":          {ec, sec1(integer(0), octets(scalar), parameters("P-256"))},
		"SEC 1 of 31 octets":       {ec, sec1(integer(1), octets(scalar[1:]), parameters("P-256"))},
		"SEC 1 of 40 octets":       {ec, sec1(integer(1), octets(join(make([]byte, 8), scalar)), parameters("P-256"))},
		"SEC 1 too long":           {ec, sec1(integer(1), octets(join([]byte{1}, scalar)), parameters("P-256"))},
		"SEC 1 zero":               {ec, sec1(integer(1), octets(make([]byte, 32)), parameters("P-256"))},
		"SEC 1 empty":              {ec, sec1(integer(1), octets(nil), parameters("P-256"))},
		"SEC 1 order":              {ec, sec1(integer(1), octets(order.Bytes()), parameters("P-256"))},
		"SEC 1 above the order":    {ec, sec1(integer(1), octets(new(big.Int).Add(order, big.NewInt(5)).Bytes()), parameters("P-256"))},
		"SEC 1 below the order":    {ec, sec1(integer(1), octets(new(big.Int).Sub(order, big.NewInt(1)).Bytes()), parameters("P-256"))},
		"SEC 1 another curve":      {ec, sec1(integer(1), octets(scalar), parameters("P-384"))},
		"SEC 1 unknown curve":      {ec, sec1(integer(1), octets(scalar), parameters("secp256k1"))},
		"SEC 1 explicit curve":     {ec, sec1(integer(1), octets(scalar), der(0xa0, sequence(integer(1))))},
		"SEC 1 wrong public key":   {ec, sec1(integer(1), octets(scalar), parameters("P-256"), der(0xa1, bitString(make([]byte, 65))))},
		"SEC 1 public no bits":     {ec, sec1(integer(1), octets(scalar), parameters("P-256"), der(0xa1, octets(scalar)))},
		"SEC 1 and more fields":    {ec, sec1(integer(1), octets(scalar), parameters("P-256"), integer(7))},
		"SEC 1 and bytes":          {ec, join(ec.sec1, []byte{0})},
		"SEC 1 in long form":       {ec, append([]byte{tagSequence, 0x81, ec.sec1[1]}, ec.sec1[2:]...)},
		"PKCS#8 and bytes":         {ec, join(ec.pkcs8, []byte{0})},
		"PKCS#8 version 1":         {ec, sequence(integer(1), ecParameters, octets(ec.sec1))},
		"PKCS#8 version 5":         {ec, sequence(integer(5), ecParameters, octets(ec.sec1))},
		"PKCS#8 with attributes":   {ec, sequence(integer(0), ecParameters, octets(ec.sec1), der(0xa0, nil))},
		"PKCS#8 with public key":   {ec, sequence(integer(1), ecParameters, octets(ec.sec1), der(0x81, make([]byte, 66)))},
		"PKCS#8 without curve":     {ec, sequence(integer(0), sequence(ecAlgorithm), octets(ec.sec1))},
		"PKCS#8 curve inside":      {ec, sequence(integer(0), sequence(ecAlgorithm), octets(sec1(integer(1), octets(scalar), parameters("P-256"))))},
		"PKCS#8 curve NULL":        {ec, sequence(integer(0), sequence(ecAlgorithm, null), octets(sec1(integer(1), octets(scalar), parameters("P-256"))))},
		"PKCS#8 two curves":        {ec, sequence(integer(0), ecParameters, octets(sec1(integer(1), octets(scalar), parameters("P-384"))))},
		"PKCS#8 two other curves":  {ec, sequence(integer(0), sequence(ecAlgorithm, curveIdentifiers["P-384"]), octets(sec1(integer(1), octets(scalar), parameters("P-256"))))},
		"PKCS#8 unknown curve":     {ec, sequence(integer(0), sequence(ecAlgorithm, curveIdentifiers["secp256k1"]), octets(ec.sec1))},
		"PKCS#8 of bytes":          {ec, sequence(integer(0), ecParameters, octets(scalar))},
		"PKCS#8 of EC as RSA":      {ec, pkcs8(rsaAlgorithm, ec.sec1)},
		"PKCS#8 of RSA as EC":      {rsa2048, pkcs8(ecParameters, rsa2048.pkcs1)},
		"PKCS#8 RSA without NULL":  {rsa2048, pkcs8(sequence(identifier(1, 2, 840, 113549, 1, 1, 1)), rsa2048.pkcs1)},
		"PKCS#8 RSA-PSS":           {rsa2048, pkcs8(sequence(identifier(1, 2, 840, 113549, 1, 1, 10)), rsa2048.pkcs1)},
		"PKCS#8 of public key":     {rsa2048, rsa2048.spki},
		"PKCS#8 Ed25519 NULL":      {ed, pkcs8(sequence(edAlgorithm, null), octets(make([]byte, 32)))},
		"PKCS#8 Ed25519 short":     {ed, pkcs8(sequence(edAlgorithm), octets(make([]byte, 31)))},
		"PKCS#8 Ed25519 bare":      {ed, pkcs8(sequence(edAlgorithm), make([]byte, 32))},
		"PKCS#8 Ed25519 and bytes": {ed, pkcs8(sequence(edAlgorithm), join(octets(newStream("edleaf").bytes(32)), null))},
		"P-384 for P-256":          {ec, p384.pkcs8},
		"Ed25519 for RSA":          {rsa2048, ed.pkcs8},
		"RSA for Ed25519":          {ed, rsa2048.pkcs8},
		"RSA for RSA":              {rsa2048, rsaKey(2048, 2, 65537, "other").pkcs1},
		"empty":                    {ec, nil},
		"cut off":                  {ec, ec.pkcs8[:40]},
		"SEQUENCE of nothing":      {ec, sequence()},
		"certificate":              {ec, newBundle(false).rootDER()},
	}
	for _, form := range sortedKeys(encodings) {
		b := newBundle(false).withLeafKey(encodings[form].key)
		for _, label := range []string{"PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY"} {
			b.keyFile = block(label, encodings[form].encoding)
			g.add("key in "+label+": "+form, b)
		}
	}
	// RFC 1421 and PKCS#5 encryption.
	for _, key := range []*key{ec, rsa2048} {
		b := newBundle(false).withLeafKey(key)
		encoding := key.sec1
		if encoding == nil {
			encoding = key.pkcs1
		}
		//lint:ignore SA1019 an old file is the case
		encrypted, err := x509.EncryptPEMBlock(rand.Reader, "RSA PRIVATE KEY", encoding, []byte("secret"), x509.PEMCipherAES256)
		check(err)
		b.keyFile = string(pem.EncodeToMemory(encrypted))
		g.add("encrypted key: "+key.label, b)
		b.keyFile = strings.ReplaceAll(b.keyFile, "RSA PRIVATE", "PRIVATE")
		g.add("encrypted key under another label: "+key.label, b)
		scheme := sequence(identifier(1, 2, 840, 113549, 1, 5, 13), sequence())
		b.keyFile = block("ENCRYPTED PRIVATE KEY", sequence(scheme, octets(make([]byte, 64))))
		g.add("encrypted PKCS#8 key: "+key.label, b)
		b.keyFile = block("ENCRYPTED PRIVATE KEY", key.pkcs8)
		g.add("key said to be encrypted: "+key.label, b)
	}
}

// rsaNumbers are RSA keys whose numbers do not fit.
func (g *generator) rsaNumbers() {
	minusOne := func(n *big.Int) *big.Int { return new(big.Int).Sub(n, big.NewInt(1)) }
	plus := func(n *big.Int, more int64) *big.Int { return new(big.Int).Add(n, big.NewInt(more)) }
	const n, e, d, p, q, dP, dQ, qInv = 0, 1, 2, 3, 4, 5, 6, 7
	key := rsaKey(2048, 2, 65537, "leaf")
	private := key.private.(*rsa.PrivateKey)
	order := new(big.Int).Mul(minusOne(private.Primes[0]), minusOne(private.Primes[1]))
	divisor := new(big.Int).GCD(nil, nil, minusOne(private.Primes[0]), minusOne(private.Primes[1]))
	changes := map[string]func(*rsaNumbers){
		"none":            func(*rsaNumbers) {},
		"modulus + 2":     func(k *rsaNumbers) { k.fields[n] = plus(k.fields[n], 2) },
		"modulus + 1":     func(k *rsaNumbers) { k.fields[n] = plus(k.fields[n], 1) },
		"modulus negated": func(k *rsaNumbers) { k.fields[n] = new(big.Int).Neg(k.fields[n]) },
		"exponent 3":      func(k *rsaNumbers) { k.fields[e] = big.NewInt(3) },
		"exponent 1":      func(k *rsaNumbers) { k.fields[e] = big.NewInt(1) },
		"exponent 0":      func(k *rsaNumbers) { k.fields[e] = big.NewInt(0) },
		"exponent even":   func(k *rsaNumbers) { k.fields[e] = big.NewInt(65536) },
		"exponent 2^31+1": func(k *rsaNumbers) { k.fields[e] = big.NewInt(1<<31 + 1) },
		"exponent 2^70":   func(k *rsaNumbers) { k.fields[e] = new(big.Int).Lsh(big.NewInt(1), 70) },
		"d + 1":           func(k *rsaNumbers) { k.fields[d] = plus(k.fields[d], 1) },
		"d + 2":           func(k *rsaNumbers) { k.fields[d] = plus(k.fields[d], 2) },
		"d + order":       func(k *rsaNumbers) { k.fields[d] = new(big.Int).Add(k.fields[d], order) },
		"d by Carmichael": func(k *rsaNumbers) {
			k.fields[d] = new(big.Int).ModInverse(k.fields[e], new(big.Int).Div(order, divisor))
		},
		"d 0":          func(k *rsaNumbers) { k.fields[d] = big.NewInt(0) },
		"d 1":          func(k *rsaNumbers) { k.fields[d] = big.NewInt(1) },
		"d negated":    func(k *rsaNumbers) { k.fields[d] = new(big.Int).Neg(k.fields[d]) },
		"d of modulus": func(k *rsaNumbers) { k.fields[d] = k.fields[n] },
		"primes swapped": func(k *rsaNumbers) {
			k.fields[p], k.fields[q], k.fields[dP], k.fields[dQ] = k.fields[q], k.fields[p], k.fields[dQ], k.fields[dP]
		},
		"primes swapped well": func(k *rsaNumbers) {
			k.fields[p], k.fields[q], k.fields[dP], k.fields[dQ] = k.fields[q], k.fields[p], k.fields[dQ], k.fields[dP]
			k.fields[qInv] = new(big.Int).ModInverse(k.fields[q], k.fields[p])
		},
		"p + 2":          func(k *rsaNumbers) { k.fields[p] = plus(k.fields[p], 2) },
		"p 0":            func(k *rsaNumbers) { k.fields[p] = big.NewInt(0) },
		"p 1, q modulus": func(k *rsaNumbers) { k.fields[p], k.fields[q] = big.NewInt(1), k.fields[n] },
		"p modulus, q 1": func(k *rsaNumbers) { k.fields[p], k.fields[q] = k.fields[n], big.NewInt(1) },
		"p and q negated": func(k *rsaNumbers) {
			k.fields[p], k.fields[q] = new(big.Int).Neg(k.fields[p]), new(big.Int).Neg(k.fields[q])
		},
		"dP + 2":            func(k *rsaNumbers) { k.fields[dP] = plus(k.fields[dP], 2) },
		"dP 0":              func(k *rsaNumbers) { k.fields[dP] = big.NewInt(0) },
		"dP + p - 1":        func(k *rsaNumbers) { k.fields[dP] = new(big.Int).Add(k.fields[dP], minusOne(k.fields[p])) },
		"dP is d":           func(k *rsaNumbers) { k.fields[dP] = k.fields[d] },
		"dQ + 2":            func(k *rsaNumbers) { k.fields[dQ] = plus(k.fields[dQ], 2) },
		"qInv + 1":          func(k *rsaNumbers) { k.fields[qInv] = plus(k.fields[qInv], 1) },
		"qInv 0":            func(k *rsaNumbers) { k.fields[qInv] = big.NewInt(0) },
		"qInv + p":          func(k *rsaNumbers) { k.fields[qInv] = new(big.Int).Add(k.fields[qInv], k.fields[p]) },
		"qInv negative":     func(k *rsaNumbers) { k.fields[qInv] = new(big.Int).Sub(k.fields[qInv], k.fields[p]) },
		"without qInv":      func(k *rsaNumbers) { k.omitted = 1 },
		"without dQ":        func(k *rsaNumbers) { k.omitted = 2 },
		"without dP":        func(k *rsaNumbers) { k.omitted = 3 },
		"without q":         func(k *rsaNumbers) { k.omitted = 4 },
		"without d":         func(k *rsaNumbers) { k.omitted = 6 },
		"dP wrong, no qInv": func(k *rsaNumbers) { k.fields[dP], k.omitted = plus(k.fields[dP], 2), 1 },
		"d wrong, no dP":    func(k *rsaNumbers) { k.fields[d], k.omitted = plus(k.fields[d], 2), 3 },
		"version 1":         func(k *rsaNumbers) { k.version = 1 },
		"version 2":         func(k *rsaNumbers) { k.version = 2 },
		"version -1":        func(k *rsaNumbers) { k.version = -1 },
		"no other primes":   func(k *rsaNumbers) { k.version, k.others = 1, [][]*big.Int{} },
		"another prime 1": func(k *rsaNumbers) {
			k.version, k.others = 1, [][]*big.Int{{big.NewInt(1), big.NewInt(1), big.NewInt(1)}}
		},
		"another prime 3": func(k *rsaNumbers) {
			k.version, k.others = 1, [][]*big.Int{{big.NewInt(3), big.NewInt(1), big.NewInt(1)}}
		},
		"another prime 0": func(k *rsaNumbers) {
			k.version, k.others = 1, [][]*big.Int{{big.NewInt(0), big.NewInt(1), big.NewInt(1)}}
		},
		"prime -3": func(k *rsaNumbers) {
			k.version, k.others = 1, [][]*big.Int{{big.NewInt(-3), big.NewInt(1), big.NewInt(1)}}
		},
	}
	for _, change := range sortedKeys(changes) {
		numbers := newRSANumbers(private)
		changes[change](numbers)
		b := newBundle(false).withLeafKey(key)
		b.keyFile = block("RSA PRIVATE KEY", numbers.encoding())
		g.add("RSA numbers: "+change, b)
		b.leaf.spki = sequence(rsaAlgorithm, bitString(sequence(bigInteger(numbers.fields[n]), bigInteger(numbers.fields[e]))))
		g.add("RSA numbers in key and certificate: "+change, b)
		b.keyFile = block("PRIVATE KEY", pkcs8(rsaAlgorithm, numbers.encoding()))
		g.add("RSA numbers in PKCS#8: "+change, b)
		if change != "none" {
			b = newBundle(true).withRootKey(key)
			b.root.spki = sequence(rsaAlgorithm, bitString(sequence(bigInteger(numbers.fields[n]), bigInteger(numbers.fields[e]))))
			g.add("RSA numbers of a root: "+change, b)
		}
	}
	g.rsaRelations()
	multi := rsaKey(2049, 3, 65537, "leaf")
	multiChanges := map[string]func(*rsaNumbers){
		"none":                 func(*rsaNumbers) {},
		"third prime wrong":    func(k *rsaNumbers) { k.others[0][0] = plus(k.others[0][0], 2) },
		"third prime is first": func(k *rsaNumbers) { k.others[0][0] = k.fields[p] },
		"third prime 1":        func(k *rsaNumbers) { k.others[0][0] = big.NewInt(1) },
		"third exponent":       func(k *rsaNumbers) { k.others[0][1] = big.NewInt(5) },
		"third coefficient":    func(k *rsaNumbers) { k.others[0][2] = big.NewInt(-5) },
		"without third":        func(k *rsaNumbers) { k.others = nil },
		"version 0":            func(k *rsaNumbers) { k.version = 0 },
		"d + 2":                func(k *rsaNumbers) { k.fields[d] = plus(k.fields[d], 2) },
		"qInv + 1":             func(k *rsaNumbers) { k.fields[qInv] = plus(k.fields[qInv], 1) },
		"p + 2":                func(k *rsaNumbers) { k.fields[p] = plus(k.fields[p], 2) },
		"p 1":                  func(k *rsaNumbers) { k.fields[p] = big.NewInt(1) },
		"without numbers":      func(k *rsaNumbers) { k.omitted = 3 },
		"without coefficient":  func(k *rsaNumbers) { k.omitted = 1 },
	}
	for _, change := range sortedKeys(multiChanges) {
		numbers := newRSANumbers(multi.private.(*rsa.PrivateKey))
		multiChanges[change](numbers)
		b := newBundle(false).withLeafKey(multi)
		b.keyFile = block("RSA PRIVATE KEY", numbers.encoding())
		g.add("RSA of three primes: "+change, b)
	}
}

// rsaRelations are RSA keys of well fitting numbers that are easily broken.
func (g *generator) rsaRelations() {
	random := newStream("relations")
	p := random.prime(1024, 65537)
	for _, distance := range []int{8, 200, 900, 920, 923, 924, 925, 960} {
		q := new(big.Int).Add(p, new(big.Int).Lsh(big.NewInt(1), uint(distance)))
		for !q.ProbablyPrime(10) || new(big.Int).Mod(q, big.NewInt(65537)).Int64() == 1 {
			q.Add(q, big.NewInt(2))
		}
		key := cached(label("RSA of primes with a distance of 2^", distance), func() *key { return ofPrimes(p, q) })
		g.add("key: "+key.label, newBundle(false).withLeafKey(key))
	}
	g.add("key: RSA with a small private exponent", newBundle(false).withLeafKey(smallExponent()))
	q := random.prime(1024, 65537)
	for _, bits := range [][2]int{{1000, 1048}, {1536, 512}, {1900, 148}, {1024, 1023}} {
		key := cached(label("RSA of primes of bits ", bits), func() *key {
			return ofPrimes(random.prime(bits[0], 65537), random.prime(bits[1], 65537))
		})
		g.add("key: "+key.label, newBundle(false).withLeafKey(key))
	}
	key := cached("RSA of twice the same prime", func() *key {
		private := &rsa.PrivateKey{Primes: []*big.Int{p, p}, PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, p), E: 65537}}
		minus := new(big.Int).Sub(p, big.NewInt(1))
		private.D = new(big.Int).ModInverse(big.NewInt(65537), new(big.Int).Mul(p, minus))
		numbers := newRSANumbers(&rsa.PrivateKey{Primes: []*big.Int{p, q}, PublicKey: private.PublicKey, D: private.D})
		numbers.fields[4] = p
		made := sequence(bigInteger(private.N), integer(65537))
		return &key{private: private, spki: sequence(rsaAlgorithm, bitString(made)), pkcs8: pkcs8(rsaAlgorithm, numbers.encoding())}
	})
	g.add("key: "+key.label, newBundle(false).withLeafKey(key))
}

// smallExponent is a key with a private exponent of half the length: p - 1 and q - 1 have almost all factors in common.
func smallExponent() *key {
	return cached("RSA with a small private exponent", func() *key {
		random, one := newStream("small exponent"), big.NewInt(1)
		for {
			factor := new(big.Int).SetBit(new(big.Int).SetBytes(random.bytes(64)), 511, 1)
			p := new(big.Int).Add(new(big.Int).Mul(factor, big.NewInt(2)), one)
			q := new(big.Int).Add(new(big.Int).Mul(factor, big.NewInt(6)), one)
			if !p.ProbablyPrime(10) || !q.ProbablyPrime(10) {
				continue
			}
			d := new(big.Int).ModInverse(big.NewInt(65537), new(big.Int).Mul(factor, big.NewInt(6)))
			if n := new(big.Int).Mul(p, q); d != nil && d.BitLen() <= n.BitLen()/2 {
				return newRSAKey(&rsa.PrivateKey{PublicKey: rsa.PublicKey{N: n, E: 65537}, D: d, Primes: []*big.Int{p, q}})
			}
		}
	})
}

// ofPrimes is a key with the public exponent 65537.
func ofPrimes(p, q *big.Int) *key {
	order := new(big.Int).Mul(new(big.Int).Sub(p, big.NewInt(1)), new(big.Int).Sub(q, big.NewInt(1)))
	public := rsa.PublicKey{N: new(big.Int).Mul(p, q), E: 65537}
	d := new(big.Int).ModInverse(big.NewInt(65537), order)
	return newRSAKey(&rsa.PrivateKey{PublicKey: public, D: d, Primes: []*big.Int{p, q}})
}
