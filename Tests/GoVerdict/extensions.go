package main

// extensions are certificates with each extension in many forms, and combinations of those that decide on a chain.
func (g *generator) extensions() {
	g.extensionForms()
	g.purposes()
	g.authorities()
	g.policies()
}

func (g *generator) extensionForms() {
	text := der(tagUTF8, []byte("x"))
	oid := identifier(1, 2, 3, 4)
	hostNames := func(names ...[]byte) []byte { return der(0xa0, der(0xa0, names...)) }
	values := map[int]map[string][]byte{
		14: {"good": der(tagOctetString, []byte("id")), "empty": der(tagOctetString), "text": text, "none": nil, "more": join(der(tagOctetString, []byte("id")), null)},
		15: {
			"good": der(tagBitString, []byte{7, 0x80}), "none": nil, "empty bits": der(tagBitString, []byte{0}), "no octet": der(tagBitString),
			"all": der(tagBitString, []byte{0, 0xff, 0x80}), "unused 8": der(tagBitString, []byte{8, 0}), "set unused": der(tagBitString, []byte{7, 0xff}),
			"zero": der(tagBitString, []byte{0, 0}), "nine bits": der(tagBitString, []byte{7, 0, 0x80}), "long": der(tagBitString, []byte{0, 6, 0, 0, 0}),
			"only sign": der(tagBitString, []byte{2, 4}), "all but sign": der(tagBitString, []byte{0, 0xfb}), "sequence": sequence(), "more": join(der(tagBitString, []byte{7, 0x80}), null),
			"unused without octets": der(tagBitString, []byte{3}),
		},
		19: {
			"CA": sequence(der(tagBoolean, []byte{0xff})), "no CA": sequence(), "FALSE": sequence(der(tagBoolean, []byte{0})), "TRUE of 1": sequence(der(tagBoolean, []byte{1})),
			"empty boolean": sequence(der(tagBoolean)), "length 0": sequence(der(tagBoolean, []byte{0xff}), integer(0)), "length -1": sequence(der(tagBoolean, []byte{0xff}), integer(-1)),
			"length -5":    sequence(der(tagBoolean, []byte{0xff}), integer(-5)),
			"length alone": sequence(integer(0)), "length large": sequence(der(tagBoolean, []byte{0xff}), integer(1<<40)), "length too large": sequence(der(tagBoolean, []byte{0xff}), der(tagInteger, make([]byte, 9), []byte{1})),
			"length of nine octets": sequence(der(tagBoolean, []byte{0xff}), der(tagInteger, []byte{1}, make([]byte, 8))),
			"none":                  nil, "more": sequence(der(tagBoolean, []byte{0xff}), integer(1), null), "outside": join(sequence(der(tagBoolean, []byte{0xff})), null), "text": text, "integer": integer(1),
		},
		31: {
			"good": sequence(sequence(hostNames(uri("http://a/")))), "two": sequence(sequence(hostNames(uri("http://a/"), uri("ldap:///x")))), "empty": sequence(), "none": nil,
			"empty point": sequence(sequence()), "issuer alone": sequence(sequence(der(0xa2, der(0xa4, name("x"))))), "relative": sequence(sequence(der(0xa0, der(0xa1, text)))),
			"name": sequence(sequence(hostNames(der(0xa4, name("x"))))), "text": text, "empty name": sequence(sequence(der(0xa0))), "Unicode": sequence(sequence(hostNames(uri("http://ä/")))),
			"reasons": sequence(sequence(hostNames(uri("http://a/")), der(0x81, []byte{1, 6}))), "point of text": sequence(text), "more": sequence(sequence(hostNames(uri("http://a/"))), text),
			"outside": join(sequence(sequence(hostNames(uri("http://a/")))), null),
		},
		32: {
			"good": sequence(sequence(oid)), "any": sequence(sequence(identifier(2, 5, 29, 32, 0))), "two": sequence(sequence(oid), sequence(identifier(1, 2, 3, 5))), "same": sequence(sequence(oid), sequence(oid)),
			"empty": sequence(), "none": nil, "qualifier": sequence(sequence(oid, sequence(sequence(identifier(1, 3, 6, 1, 5, 5, 7, 2, 1), der(tagIA5, []byte("http://a")))))), "empty policy": sequence(sequence()),
			"large": sequence(sequence(der(6, []byte{0x2a, 0x8f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}))), "padded": sequence(sequence(der(6, []byte{0x2a, 0x80, 1}))), "unfinished": sequence(sequence(der(6, []byte{0x2a, 0x81}))),
			"empty OID": sequence(sequence(der(6))), "text": text, "outside": join(sequence(sequence(oid)), null), "huge": sequence(sequence(der(6, []byte{0x2a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}))),
		},
		33: {
			"good": sequence(sequence(oid, identifier(1, 2, 5))), "empty": sequence(), "none": nil, "half": sequence(sequence(oid)), "any": sequence(sequence(identifier(2, 5, 29, 32, 0), oid)), "to any": sequence(sequence(oid, identifier(2, 5, 29, 32, 0))), "text": text,
			"unfinished": sequence(sequence(oid, der(6, []byte{0x2a, 0x81}))), "empty OID": sequence(sequence(oid, der(6))), "more": sequence(sequence(oid, oid, null)), "padded": sequence(sequence(oid, der(6, []byte{0x2a, 0x80, 1}))),
		},
		35: {
			"good": sequence(der(0x80, []byte("id"))), "empty": sequence(), "none": nil, "serial alone": sequence(der(0xa1, der(0xa4, name("x"))), der(0x82, []byte{1})), "all": sequence(der(0x80, []byte("id")), der(0xa1, der(0xa4, name("x"))), der(0x82, []byte{1})),
			"text": text, "constructed": sequence(der(0xa0, der(tagOctetString, []byte("id")))), "empty id": sequence(der(0x80)), "outside": join(sequence(der(0x80, []byte("id"))), null), "more": sequence(der(0x80, []byte("id")), text), "cut": {0x30, 5, 0x80, 9, 1, 2, 3},
		},
		36: {
			"require 0": sequence(der(0x80, []byte{0})), "require 5": sequence(der(0x80, []byte{5})), "inhibit 0": sequence(der(0x81, []byte{0})), "both": sequence(der(0x80, []byte{0}), der(0x81, []byte{0})), "empty": sequence(), "none": nil, "negative": sequence(der(0x80, []byte{0xff})),
			"padded": sequence(der(0x80, []byte{0, 0})), "large": sequence(der(0x80, []byte{1, 0, 0, 0, 0, 0, 0, 0, 0})), "no octets": sequence(der(0x80)), "text": text, "swapped": sequence(der(0x81, []byte{0}), der(0x80, []byte{0})), "more": sequence(der(0x80, []byte{5}), text),
		},
		37: {
			"server": sequence(usages["server"]), "any": sequence(usages["any"]), "empty": sequence(), "none": nil, "text": text, "text among": sequence(usages["server"], text), "huge": sequence(usages["server"], der(6, []byte{0x2a, 0x8f, 0xff, 0xff, 0xff, 0x7f})),
			"31 bits": sequence(usages["server"], der(6, []byte{0x2a, 0x87, 0xff, 0xff, 0xff, 0x7f})), "outside": join(sequence(usages["server"]), null), "empty OID": sequence(der(6)), "twice": sequence(usages["server"], usages["server"]),
			"padded OID": sequence(usages["server"], der(6, []byte{0x2a, 0x80, 1})),
		},
		54: {"0": integer(0), "5": integer(5), "-1": integer(-1), "none": nil, "text": text, "large": der(tagInteger, []byte{1, 0, 0, 0, 0, 0, 0, 0, 0}), "more": join(integer(5), null)},
		// Those that Go does not look into.
		9: {"any": text}, 16: {"any": sequence()}, 18: {"any": text}, 20: {"any": text}, 46: {"any": text}, 46 + 100: {"any": text}, 0: {"any": text}, 127: {"any": text},
	}
	for _, number := range sortedNumbers(values) {
		for _, form := range sortedKeys(values[number]) {
			for _, isCritical := range []bool{false, true} {
				added := standard(number, values[number][form], isCritical)
				g.inEach(label("extension ", number, ": ", form, ", critical ", isCritical), func(t *template) {
					replaceExtension(t, number, added)
				})
			}
		}
	}
	location := sequence(identifier(1, 3, 6, 1, 5, 5, 7, 48, 1), uri("http://a/"))
	information := func(value []byte, isCritical bool) []byte {
		return extension(value, isCritical, 1, 3, 6, 1, 5, 5, 7, 1, 1)
	}
	others := map[string][]byte{
		"information":           information(sequence(location), false),
		"information critical":  information(sequence(location), true),
		"information empty":     information(sequence(), false),
		"information none":      information(nil, false),
		"information without":   information(sequence(sequence(identifier(1, 2, 3))), false),
		"information name":      information(sequence(sequence(identifier(1, 2, 3), der(0xa4, name("x")))), false),
		"information text":      information(text, false),
		"information of text":   information(sequence(text), false),
		"information no method": information(sequence(sequence(uri("http://a/"))), false),
		"unknown":               extension(text, false, 1, 2, 3, 4), "unknown critical": extension(text, true, 1, 2, 3, 4),
		"unknown empty":          extension(nil, false, 1, 2, 3, 4),
		"must staple":            extension(sequence(integer(5)), false, 1, 3, 6, 1, 5, 5, 7, 1, 24),
		"timestamps":             extension(der(tagOctetString, []byte("not a list")), false, 1, 3, 6, 1, 4, 1, 11129, 2, 4, 2),
		"poison":                 extension(null, true, 1, 3, 6, 1, 4, 1, 11129, 2, 4, 3),
		"Netscape":               extension(der(tagBitString, []byte{6, 0x40}), true, 2, 16, 840, 1, 113730, 1, 1),
		"constraints of proxies": extension(sequence(sequence(identifier(1, 3, 6, 1, 5, 5, 7, 21, 1))), true, 1, 3, 6, 1, 5, 5, 7, 1, 14),
		"subject information":    extension(sequence(location), true, 1, 3, 6, 1, 5, 5, 7, 1, 11),
		"addresses":              extension(sequence(sequence(der(tagOctetString, []byte{0, 1}), null)), true, 1, 3, 6, 1, 5, 5, 7, 1, 7),
		"critical FALSE":         sequence(identifier(1, 2, 3, 4), der(tagBoolean, []byte{0}), der(tagOctetString, text)),
		"critical 1":             sequence(identifier(1, 2, 3, 4), der(tagBoolean, []byte{1}), der(tagOctetString, text)),
		"critical empty":         sequence(identifier(1, 2, 3, 4), der(tagBoolean), der(tagOctetString, text)),
		"without value":          sequence(identifier(1, 2, 3, 4)),
		"without type":           sequence(der(tagOctetString, text)),
		"value as bits":          sequence(identifier(1, 2, 3, 4), der(tagBitString, []byte{0, 1})),
		"more after value":       sequence(identifier(1, 2, 3, 4), der(tagOctetString, text), null),
		"not a sequence":         der(tagSet, identifier(1, 2, 3, 4), der(tagOctetString, text)),
		"nothing":                sequence(),
		"type huge":              sequence(der(6, []byte{0x2a, 0x8f, 0xff, 0xff, 0xff, 0x7f}), der(tagOctetString, text)),
		"type of 31 bits":        sequence(der(6, []byte{0x2a, 0x87, 0xff, 0xff, 0xff, 0x7f}), der(tagOctetString, text)),
		"type padded":            sequence(der(6, []byte{0x2a, 0x80, 1}), der(tagOctetString, text)),
		"type unfinished":        sequence(der(6, []byte{0x2a, 0x81}), der(tagOctetString, text)),
		"type of 1 octet":        sequence(der(6, []byte{0x2a}), der(tagOctetString, text)),
		"first arc 2.999":        sequence(der(6, []byte{0x88, 0x37}), der(tagOctetString, text)),
		"unknown twice":          join(extension(text, false, 1, 2, 3, 4), extension(text, false, 1, 2, 3, 4)),
		"usage twice":            join(extendedKeyUsage(false, "server"), extendedKeyUsage(false, "server")),
	}
	for _, form := range sortedKeys(others) {
		g.inEach("extension: "+form, func(t *template) { t.extensions = append(t.extensions, others[form]) })
	}
	g.inEachOf("extensions", map[string]change{
		"empty":       func(t *template) { t.extensions = [][]byte{} },
		"outer empty": func(t *template) { t.extensions, t.uniqueIDs = nil, der(0xa3) },
		"a set":       func(t *template) { t.uniqueIDs, t.extensions = der(0xa3, der(tagSet, t.extensions...)), nil },
		"twice": func(t *template) {
			t.uniqueIDs = der(0xa3, sequence(t.extensions...))
		},
		"more inside": func(t *template) { t.uniqueIDs, t.extensions = der(0xa3, sequence(t.extensions...), null), nil },
		"reversed":    func(t *template) { t.extensions[0], t.extensions[1] = t.extensions[1], t.extensions[0] },
	})
}

// replaceExtension takes the place of the template's own extension of the type.
func replaceExtension(t *template, number int, added []byte) {
	wanted := string(identifier(2, 5, 29, number))
	for i, one := range t.extensions {
		if start := len(one) - contentLength(one); string(one[start:min(start+len(wanted), len(one))]) == wanted {
			t.extensions[i] = added
			return
		}
	}
	t.extensions = append(t.extensions, added)
}

// purposes are all combinations of extended key usages down a chain.
func (g *generator) purposes() {
	sets := [][]string{nil, {}, {"server"}, {"client"}, {"any"}, {"server", "client"}, {"code"}, {"unknown"}, {"gated"}, {"unknown", "server"}}
	with := func(t *template, set []string, isCritical bool) {
		if set != nil {
			t.extensions = append(t.extensions, extendedKeyUsage(isCritical, set...))
		}
	}
	for i, leaf := range sets {
		for j, middle := range sets {
			for k, root := range sets {
				if !g.isChosen(label("purposes ", i, j, k), 40) {
					continue
				}
				b := newBundle(true)
				b.leaf.extensions = b.leaf.extensions[1:]
				with(b.leaf, leaf, i%2 == 0)
				with(b.middle, middle, j%2 == 1)
				with(b.root, root, k%2 == 0)
				g.add(label("purposes ", leaf, " ", middle, " ", root, i, j, k), b)
			}
		}
	}
}

// authorities are combinations of what makes a certificate one of a CA.
func (g *generator) authorities() {
	random := g.random("authorities")
	basics := map[string][]byte{
		"none": nil, "CA": basicConstraints(true, -1), "no CA": basicConstraints(false, -1), "length 0": basicConstraints(true, 0), "length 1": basicConstraints(true, 1),
		"length 2": basicConstraints(true, 2), "no CA with length": basicConstraints(false, 0), "not critical": standard(19, sequence(der(tagBoolean, []byte{0xff})), false),
	}
	keyUses := map[string][]byte{
		"none": nil, "sign": keyUsage(2, 4), "sign and CRL": keyUsage(1, 6), "CRL": keyUsage(1, 2), "digital": keyUsage(7, 0x80), "all": keyUsage(0, 0xff, 0x80), "empty": keyUsage(0), "not critical": standard(15, der(tagBitString, []byte{7, 0x80}), false),
	}
	for _, basic := range sortedKeys(basics) {
		for _, use := range sortedKeys(keyUses) {
			for _, place := range []string{"root", "intermediate", "leaf"} {
				b := newBundle(true)
				t := map[string]*template{"root": b.root, "intermediate": b.middle, "leaf": b.leaf}[place]
				if place == "leaf" {
					t.extensions = append(t.extensions, basics[basic], keyUses[use])
				} else {
					t.extensions = [][]byte{basics[basic], keyUses[use]}
				}
				g.add(label("basic constraints ", basic, ", key usage ", use, ": ", place), b)
			}
		}
	}
	// The leaf itself is trusted, or issued by itself.
	for _, basic := range sortedKeys(basics) {
		for _, use := range sortedKeys(keyUses) {
			b := newBundle(false)
			b.leaf.issuer = b.leaf.subject
			b.leaf.extensions = append(b.leaf.extensions, basics[basic], keyUses[use])
			b.rootKey = b.leafKey
			b.pool = [][]byte{b.leafDER()}
			g.add(label("self-signed: basic constraints ", basic, ", key usage ", use), b)
			if random.chance(50) {
				b.leaf.extensions = append(b.leaf.extensions, keyIdentifier("other"))
				g.add(label("self-signed with another certificate of the key: ", basic, use), b)
			}
		}
	}
	for i := range 120 {
		b := newBundle(true)
		b.leaf.extensions = append(b.leaf.extensions, basics[pick(random, sortedKeys(basics))])
		for _, t := range []*template{b.root, b.middle} {
			t.extensions = [][]byte{basics[pick(random, sortedKeys(basics))], keyUses[pick(random, sortedKeys(keyUses))]}
			if random.chance(15) {
				t.version, t.extensions = nil, nil
			}
		}
		g.add(label("authorities ", i), b)
	}
}

// policies are chains with certificate policies, mappings and constraints.
func (g *generator) policies() {
	random := g.random("policies")
	anyPolicy := identifier(2, 5, 29, 32, 0)
	all := [][]byte{identifier(1, 2, 3), identifier(1, 2, 4), identifier(1, 2, 5), anyPolicy}
	constrain := func(t *template) {
		if random.chance(75) {
			var list []byte
			first := random.below(len(all))
			for i := range 1 + random.below(3) {
				list = append(list, sequence(all[(first+i)%len(all)])...)
			}
			t.extensions = append(t.extensions, standard(32, sequence(list), random.chance(50)))
		}
		if random.chance(35) {
			var list []byte
			for range 1 + random.below(2) {
				list = append(list, sequence(pick(random, all[:3+random.below(2)]), pick(random, all[:3+random.below(2)]))...)
			}
			t.extensions = append(t.extensions, standard(33, sequence(list), random.chance(50)))
		}
		if random.chance(50) {
			var fields []byte
			if random.chance(70) {
				fields = append(fields, der(0x80, []byte{byte(random.below(3))})...)
			}
			if random.chance(40) {
				fields = append(fields, der(0x81, []byte{byte(random.below(3))})...)
			}
			t.extensions = append(t.extensions, standard(36, sequence(fields), random.chance(50)))
		}
		if random.chance(30) {
			t.extensions = append(t.extensions, standard(54, integer(int64(random.below(3))), random.chance(50)))
		}
	}
	for i := range 300 {
		depth := 1 + random.below(4)
		b := newBundle(false)
		constrain(b.root)
		b.chain = [][]byte{}
		issuer, issuerKey := "root", b.rootKey
		for level := range depth - 1 {
			key := ecKey("P-256", label("level", level))
			subject := label("level ", level)
			if random.chance(15) {
				subject = issuer
			}
			t := authority(subject, issuer, key)
			constrain(t)
			b.chain = append(b.chain, t.signed(issuerKey))
			issuer, issuerKey = subject, key
		}
		constrain(b.leaf)
		b.leaf.issuer = name(issuer)
		b.pool = [][]byte{b.rootDER()}
		b.rootKey = issuerKey
		g.add(label("policies ", i), b)
	}
}
