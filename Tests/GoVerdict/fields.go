package main

import (
	"math/big"
	"strings"
	"time"
)

// change makes one thing in a certificate odd.
type change = func(*template)

// inEach makes the change in leaf, intermediate and root, each for itself.
func (g *generator) inEach(name string, change change) {
	for _, place := range []string{"leaf", "intermediate", "root"} {
		b := newBundle(true)
		change(map[string]*template{"leaf": b.leaf, "intermediate": b.middle, "root": b.root}[place])
		g.add(place+": "+name, b)
	}
	// A certificate that the server sends and nobody needs, or one among others in the pool.
	spare := authority("spare", "root", ecKey("P-256", "middle"))
	if g.isChosen("spare intermediate: "+name, 35) {
		b := newBundle(true)
		change(spare)
		b.chain = [][]byte{b.middle.signed(b.rootKey), spare.signed(b.rootKey)}
		g.add("spare intermediate: "+name, b)
	} else if g.isChosen("spare CA: "+name, 50) {
		b := newBundle(true)
		change(spare)
		b.pool = [][]byte{spare.signed(b.rootKey), b.rootDER()}
		g.add("spare CA: "+name, b)
	}
}

func (g *generator) inEachOf(kind string, changes map[string]change) {
	for _, name := range sortedKeys(changes) {
		g.inEach(kind+": "+name, changes[name])
	}
}

// fields are certificates in which a field is odd that is no extension.
func (g *generator) fields() {
	version := func(encoding []byte) change { return func(t *template) { t.version = encoding } }
	bare := func(encoding []byte) change {
		return func(t *template) { t.version, t.extensions = encoding, nil }
	}
	g.inEachOf("version", map[string]change{
		"1 with extensions": version(nil), "1": bare(nil), "1 written": bare(der(0xa0, integer(0))),
		"1 written, with extensions": version(der(0xa0, integer(0))),
		"2":                          bare(der(0xa0, integer(1))), "2 with extensions": version(der(0xa0, integer(1))),
		"3 without extensions": bare(der(0xa0, integer(2))), "4": version(der(0xa0, integer(3))),
		"-1": version(der(0xa0, integer(-1))), "of five octets": version(der(0xa0, integer(1<<33))),
		"of no octets": version(der(0xa0, der(tagInteger))), "empty": version(der(0xa0)),
		"two": version(der(0xa0, integer(2), integer(2))), "as text": version(der(0xa0, der(tagUTF8, []byte("3")))),
		"padded": version(der(0xa0, der(tagInteger, []byte{0, 2}))),
	})
	serial := func(octets ...byte) change {
		return func(t *template) { t.serial = der(tagInteger, octets) }
	}
	long := func(count int) change { return serial(append([]byte{0x7f}, make([]byte, count-1)...)...) }
	g.inEachOf("serial", map[string]change{
		"0": serial(0), "1": serial(1), "-1": serial(0xff), "-128": serial(0x80), "empty": serial(), "padded": serial(0, 1),
		"padded -1": serial(0xff, 0xff), "128": serial(0, 0x80), "of 20 octets": long(20), "of 21 octets": long(21),
		"of 40 octets": long(40), "of 300 octets": long(300),
		"as bit string": func(t *template) { t.serial = bitString([]byte{1}) },
		"missing":       func(t *template) { t.serial = nil },
		"large negative": func(t *template) {
			t.serial = bigInteger(new(big.Int).Neg(new(big.Int).Lsh(big.NewInt(1), 150)))
		},
	})
	validity := func(notBefore, notAfter []byte) change {
		return func(t *template) { t.notBefore, t.notAfter = notBefore, notAfter }
	}
	utc := func(text string) []byte { return der(tagUTCTime, []byte(text)) }
	general := func(text string) []byte { return der(tagGeneralizedTime, []byte(text)) }
	early, late := utcTime(now.Add(-day)), utcTime(now.Add(day))
	g.inEachOf("validity", map[string]change{
		"expired":                     validity(utcTime(now.Add(-9*day)), utcTime(now.Add(-day))),
		"future":                      validity(utcTime(now.Add(day)), utcTime(now.Add(9*day))),
		"begins now":                  validity(utcTime(now), late),
		"began a second ago":          validity(utcTime(now.Add(-time.Second)), late),
		"begins in a second":          validity(utcTime(now.Add(time.Second)), late),
		"ends now":                    validity(early, utcTime(now)),
		"ended a second ago":          validity(early, utcTime(now.Add(-time.Second))),
		"ends in a second":            validity(early, utcTime(now.Add(time.Second))),
		"ends before it begins":       validity(late, early),
		"generalized":                 validity(generalizedTime(now.Add(-day)), generalizedTime(now.Add(day))),
		"without seconds":             validity(utc("2605010000Z"), utc("2707010000Z")),
		"generalized without seconds": validity(general("202605010000Z"), general("202707010000Z")),
		"with fractions":              validity(general("20260501000000.5Z"), general("20270701000000.5Z")),
		"with offset":                 validity(utc("260501000000+0100"), utc("270701000000-0230")),
		"with offset 0":               validity(utc("260501000000+0000"), utc("270701000000Z")),
		"with offset of 25 hours":     validity(utc("260501000000+2500"), utc("270701000000Z")),
		"with offset of 24 hours":     validity(utc("260501000000+2400"), utc("270701000000Z")),
		"with offset of 60 minutes":   validity(utc("260501000000+0060"), utc("270701000000Z")),
		"generalized with offset":     validity(general("20260501000000+0100"), general("20270701000000-0230")),
		"offset that decides":         validity(utc("260601120000+0100"), utc("260601120000-0100")),
		"offset that decides ill":     validity(utc("260601120000-0100"), utc("260601130000-0100")),
		"without Z":                   validity(utc("260501000000"), utc("270701000000")),
		"small z":                     validity(utc("260501000000z"), utc("270701000000z")),
		"from 1950":                   validity(utc("500101000000Z"), utc("491231235959Z")),
		"from 1949 by UTC":            validity(utc("490101000000Z"), late),
		"until 2050":                  validity(early, general("20500101000000Z")),
		"until 9999":                  validity(early, general("99991231235959Z")),
		"from year 0":                 validity(general("00000101000000Z"), late),
		"from year 1":                 validity(general("00010101000000Z"), late),
		"leap day":                    validity(utc("240229000000Z"), late),
		"no leap day":                 validity(utc("250229000000Z"), late),
		"February 30":                 validity(utc("240230000000Z"), late),
		"1900 has no leap day":        validity(general("19000229000000Z"), late),
		"2000 has a leap day":         validity(general("20000229000000Z"), late),
		"month 13":                    validity(utc("251301000000Z"), late),
		"month 0":                     validity(utc("250001000000Z"), late),
		"day 0":                       validity(utc("250100000000Z"), late),
		"April 31":                    validity(utc("250431000000Z"), late),
		"hour 24":                     validity(utc("250101240000Z"), late),
		"second 60":                   validity(utc("250101000060Z"), late),
		"space for zero":              validity(utc("25 101000000Z"), late),
		"text":                        validity(utc("yesterday"), late),
		"empty":                       validity(utc(""), late),
		"another tag":                 validity(der(tagIA5, []byte("250101000000Z")), late),
		"one date":                    validity(early, nil),
		"three dates":                 validity(early, join(late, late)),
	})
	distinguished := map[string][]byte{
		"empty": sequence(), "UTF8": name("Grüße"), "not UTF8": typedName(tagUTF8, []byte{0xff, 0xfe}),
		"overlong UTF8":   typedName(tagUTF8, []byte{0xc0, 0x80}),
		"surrogate UTF8":  typedName(tagUTF8, []byte{0xed, 0xa0, 0x80}),
		"with NUL":        name("a\x00b"),
		"printable":       typedName(tagPrintable, []byte("Milvus 2.6 (test)+,-./:=?'")),
		"printable *":     typedName(tagPrintable, []byte("*.milvus.test & more")),
		"printable @":     typedName(tagPrintable, []byte("a@b")),
		"printable _":     typedName(tagPrintable, []byte("a_b")),
		"printable empty": typedName(tagPrintable, nil),
		"teletex":         typedName(tagTeletex, []byte{'a', 0xe9, 0xff}),
		"IA5":             typedName(tagIA5, []byte("a@b")), "IA5 of Latin 1": typedName(tagIA5, []byte{0xe9}),
		"numeric": typedName(tagNumeric, []byte("12 3")), "numeric letters": typedName(tagNumeric, []byte("12a")),
		"BMP": typedName(tagBMP, []byte{0, 'a', 1, 0x20}), "BMP odd": typedName(tagBMP, []byte{0, 'a', 1}),
		"BMP surrogates": typedName(tagBMP, []byte{0xd8, 0, 0xdc, 0}), "BMP lone surrogate": typedName(tagBMP, []byte{0xd8, 0}),
		"BMP with NUL":   typedName(tagBMP, []byte{0, 'a', 0, 0}),
		"universal":      typedName(tagUniversal, []byte{0, 0, 0, 'a'}),
		"general string": typedName(0x1b, []byte("a")), "visible string": typedName(0x1a, []byte("a")),
		"T61 constructed": typedName(0x34, []byte("a")), "integer": typedName(tagInteger, []byte{5}),
		"bit string": typedName(tagBitString, []byte{0, 5}), "octet string": typedName(tagOctetString, []byte("x")),
		"boolean": typedName(tagBoolean, []byte{0xff}), "null": typedName(tagNull, nil),
		"long":            name(strings.Repeat("milvus", 50)),
		"two attributes":  sequence(der(tagSet, sequence(identifier(2, 5, 4, 3), der(tagUTF8, []byte("a"))), sequence(identifier(2, 5, 4, 10), der(tagUTF8, []byte("b"))))),
		"unsorted set":    sequence(der(tagSet, sequence(identifier(2, 5, 4, 10), der(tagUTF8, []byte("b"))), sequence(identifier(2, 5, 4, 3), der(tagUTF8, []byte("a"))))),
		"two sets":        join(sequence(append(append([]byte{}, name("a")[2:]...), name("b")[2:]...))),
		"empty set":       sequence(der(tagSet)),
		"more after":      sequence(der(tagSet, sequence(identifier(2, 5, 4, 3), der(tagUTF8, []byte("a")), null))),
		"no value":        sequence(der(tagSet, sequence(identifier(2, 5, 4, 3)))),
		"no type":         sequence(der(tagSet, sequence(der(tagUTF8, []byte("a"))))),
		"unknown type":    sequence(der(tagSet, sequence(identifier(1, 2, 3, 4), der(tagUTF8, []byte("a"))))),
		"huge type":       sequence(der(tagSet, sequence(der(6, []byte{0x2a, 0x8f, 0xff, 0xff, 0xff, 0x7f}), der(tagUTF8, []byte("a"))))),
		"sequence in set": sequence(sequence(sequence(identifier(2, 5, 4, 3), der(tagUTF8, []byte("a"))))),
		"a set":           der(tagSet, sequence(identifier(2, 5, 4, 3), der(tagUTF8, []byte("a")))),
		"email":           sequence(der(tagSet, sequence(identifier(1, 2, 840, 113549, 1, 9, 1), der(tagIA5, []byte("a@b.c"))))),
		"country of 3":    sequence(der(tagSet, sequence(identifier(2, 5, 4, 6), der(tagPrintable, []byte("GER"))))),
	}
	for _, form := range sortedKeys(distinguished) {
		g.inEach("subject: "+form, func(t *template) { t.subject = distinguished[form] })
		b := newBundle(false)
		b.root.subject, b.root.issuer, b.leaf.issuer = distinguished[form], distinguished[form], distinguished[form]
		g.add("names of the CA: "+form, b)
		b.leaf.issuer = typedName(tagPrintable, []byte("a"))
		g.add("issuer's name written otherwise than: "+form, b)
		b.leaf.subject = distinguished[form]
		b.leaf.issuer = distinguished[form]
		g.add("all names: "+form, b)
	}
	b := newBundle(false)
	b.root.subject = typedName(tagPrintable, []byte("root"))
	g.add("issuer as UTF8, CA as printable", b)
	b.root.subject, b.leaf.issuer = name("root"), name("ROOT")
	g.add("issuer in other letters", b)
	ids := func(encoding ...[]byte) change { return func(t *template) { t.uniqueIDs = join(encoding...) } }
	one, two := der(0x81, []byte{0, 1, 2}), der(0x82, []byte{0, 1, 2})
	g.inEachOf("unique identifiers", map[string]change{
		"issuer": ids(one), "subject": ids(two), "both": ids(one, two), "swapped": ids(two, one), "twice": ids(one, one),
		"empty": ids(der(0x81)), "of unused bits": ids(der(0x81, []byte{9, 1})), "constructed": ids(der(0xa1, bitString([]byte{1}))),
		"version 1": func(t *template) { t.version, t.extensions, t.uniqueIDs = nil, nil, one },
		"version 2": func(t *template) { t.version, t.extensions, t.uniqueIDs = der(0xa0, integer(1)), nil, one },
		"a fifth":   ids(der(0x84, []byte{0, 1})),
	})
	append0 := func(more []byte) func([]byte) []byte { return func(b []byte) []byte { return join(b, more) } }
	inside := func(more []byte) func([]byte) []byte {
		return func(whole []byte) []byte {
			content := whole[len(whole)-contentLength(whole):]
			return sequence(content, more)
		}
	}
	g.inEachOf("structure", map[string]change{
		"byte after":          func(t *template) { t.wrap = append0([]byte{0}) },
		"null after":          func(t *template) { t.wrap = append0(null) },
		"null at the end":     func(t *template) { t.wrap = inside(null) },
		"null in signed part": func(t *template) { t.mangle = inside(null) },
		"byte in signed part": func(t *template) { t.mangle = inside([]byte{0}) },
		"cut off":             func(t *template) { t.wrap = func(b []byte) []byte { return b[:len(b)-1] } },
		"indefinite length": func(t *template) {
			t.wrap = func(b []byte) []byte { return join([]byte{0x30, 0x80}, b[4:], []byte{0, 0}) }
		},
		"length in 3 octets": func(t *template) { t.wrap = func(b []byte) []byte { return join([]byte{0x30, 0x83, 0}, b[2:]) } },
		"empty":              func(t *template) { t.wrap = func([]byte) []byte { return sequence() } },
		"nothing":            func(t *template) { t.wrap = func([]byte) []byte { return nil } },
		"signed part alone":  func(t *template) { t.wrap = func(b []byte) []byte { return b[4:] } },
		"not a sequence":     func(t *template) { t.wrap = func(b []byte) []byte { return append([]byte{tagSet}, b[1:]...) } },
		"high tag":           func(t *template) { t.uniqueIDs = []byte{0xbf, 0x1f, 0} },
		"key of unused bits": func(t *template) {
			t.spki = join(t.spki[:len(t.spki)-66], []byte{4}, t.spki[len(t.spki)-65:len(t.spki)-1], []byte{0xf0})
		},
		"null after key":        func(t *template) { t.spki = sequence(t.spki[2:], null) },
		"without key":           func(t *template) { t.spki = nil },
		"empty key information": func(t *template) { t.spki = sequence() },
		"key as octets": func(t *template) {
			t.spki = sequence(sequence(ecAlgorithm, curveIdentifiers["P-256"]), der(tagOctetString, t.spki[len(t.spki)-65:]))
		},
		"other algorithm outside": func(t *template) { t.outer = algorithms["ECDSA-SHA384"].encoding },
		"other algorithm inside":  func(t *template) { t.inner = algorithms["ECDSA-SHA384"].encoding },
		"NULL outside alone":      func(t *template) { t.outer = algorithms["ECDSA-SHA256-NULL"].encoding },
		"two parameters": func(t *template) {
			t.inner = sequence(identifier(1, 2, 840, 10045, 4, 3, 2), null, null)
			t.outer = t.inner
		},
		"no algorithm": func(t *template) { t.inner, t.outer = sequence(), sequence() },
	})
}

// contentLength is the length of the content of an element.
func contentLength(element []byte) int {
	switch element[1] {
	case 0x81:
		return int(element[2])
	case 0x82:
		return int(element[2])<<8 | int(element[3])
	}
	return int(element[1])
}
