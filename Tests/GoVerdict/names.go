package main

import "slices"

// names are subject alternative names of every form, each for many hosts, and name constraints on all of them.
func (g *generator) names() {
	patterns := []string{
		"milvus.test", "*.test", "*.milvus.test", "*", "*.*", "MILVUS.Test", "milvus.test.", ".milvus.test", "milvus..test",
		"m*.test", "milvus.*", "*milvus.test", "-milvus.test", "milvus-.test", "_milvus.test", "mil_vus.test", "a.*.test", "*.",
		"", ".", " ", "milvus.test ", "milvus.test\x00.evil", "10.0.0.1", "::1", "[::1]", "xn--mlvus-l2a.test", "mílvus.test",
		"localhost", "*.svc", "my-release-milvus.default.svc", "*.default.svc.cluster.local", "a.b.c.d.e.f", "a:b", "*.a:b", "a/b",
		"999.0.0.1", "1.2.3", "milvus.test:19530", "https://milvus.test", "**.test", "*.-a.test", "K.test", "\u212a.test",
	}
	hosts := []string{
		"milvus.test", "MILVUS.TEST", "milvus.test.", "a.milvus.test", "a.b.milvus.test", ".milvus.test", "milvus..test", "*.test",
		"*.milvus.test", "*", "test", "localhost", "localhost.", "10.0.0.1", "10.0.0.2", "[10.0.0.1]", "::1", "[::1]",
		"0:0:0:0:0:0:0:1", "::ffff:10.0.0.1", "[::ffff:10.0.0.1]", "fe80::1%eth0", "010.0.0.1", "10.1", "-milvus.test", "milvus-.test", "_milvus.test", "mil_vus.test",
		"xn--mlvus-l2a.test", "mílvus.test", "my-release-milvus.default.svc", "milvus.svc", "a:b", "x.a:b", "a b", " ", ".",
		"..", "milvus.test:19530", "[milvus.test]", "[]", "[", "a/b", "999.0.0.1", "1.2.3", "x.-a.test", "k.test", "milvus.test ",
		"a.b.c.d.e.f", "milvus.test\x00.evil", "https://milvus.test",
	}
	b := newBundle(false)
	for _, pattern := range patterns {
		b.leaf.extensions = [][]byte{alternativeNames(dnsName(pattern))}
		b.host, b.hosts = host, slices.Concat(hosts, patterns)
		g.add(label("DNS name ", pattern), b)
	}
	forms := map[string][]byte{
		"none": nil, "no names": alternativeNames(), "IPv4": alternativeNames(address(10, 0, 0, 1)),
		"IPv6":        alternativeNames(address(append(make([]byte, 15), 1)...)),
		"mapped IPv4": alternativeNames(address(append(append(make([]byte, 10), 0xff, 0xff), 10, 0, 0, 1)...)),
		"two":         alternativeNames(dnsName("other.test"), dnsName("*.milvus.test"), address(10, 0, 0, 1)),
		"IP of 5":     alternativeNames(address(1, 2, 3, 4, 5)), "IP of 0": alternativeNames(address()),
		"IP of 8": alternativeNames(address(1, 2, 3, 4, 255, 255, 255, 255)),
		"email":   alternativeNames(email("a@milvus.test")), "email in Unicode": alternativeNames(email("ä@milvus.test")),
		"email malformed": alternativeNames(email("a.milvus.test"), dnsName(host)),
		"directory":       alternativeNames(der(0xa4, name("x")), dnsName(host)),
		"other name":      alternativeNames(der(0xa0, identifier(1, 2, 3), der(0xa0, der(tagUTF8, []byte("x")))), dnsName(host)),
		"registered ID":   alternativeNames(der(0x88, []byte{0x2a, 3}), dnsName(host)), "directory alone": alternativeNames(der(0xa4, name("x"))),
		"unknown tag": alternativeNames(der(0x9e, []byte("x")), dnsName(host)), "universal tag": alternativeNames(der(tagIA5, []byte("x")), dnsName(host)),
		"constructed DNS": alternativeNames(der(0xa2, []byte("x")), dnsName(host)), "X.400": alternativeNames(der(0xa3, nil), dnsName(host)),
		"EDI":      alternativeNames(der(0xa5, nil), dnsName(host)),
		"critical": standard(17, sequence(dnsName(host)), true), "critical without any": standard(17, sequence(), true),
		"critical directory": standard(17, sequence(der(0xa4, name("x"))), true),
		"set":                standard(17, der(tagSet, dnsName(host)), false), "empty value": standard(17, nil, false),
		"bytes after": standard(17, join(sequence(dnsName(host)), null), false), "cut off": standard(17, sequence(dnsName(host))[:9], false),
		"twice": join(alternativeNames(dnsName(host)), alternativeNames(dnsName(host))),
	}
	for _, form := range sortedKeys(forms) {
		g.inEach("alternative names: "+form, func(t *template) { t.extensions = append(t.extensions[:1:1], forms[form]) })
		b := newBundle(false)
		b.leaf.extensions = [][]byte{forms[form]}
		b.host, b.hosts = "10.0.0.1", hosts
		g.add("alternative names for an address: "+form, b)
		b.host, b.hosts, b.leaf.subject = "server", nil, name("milvus.test")
		g.add("common name beside alternative names: "+form, b)
	}
	uris := []string{
		"https://milvus.test", "https://milvus.test:19530/a?b#c", "spiffe://cluster.local/ns/default/sa/milvus", "urn:a:b", "a:b:c",
		"/path", "//milvus.test/x", "milvus.test", "", ":", "://", "https://", "https:///x", "https://a b/", "https://a%20b/", "https://a/%zz",
		"https://a/%20", "https://a/%", "https://a/b c", "https://user:pass@host.test/", "https://us er@host.test/", "https://@host.test",
		"https://[::1]/", "https://[::1]:443/", "https://[::1/", "https://[fe80::1%25en0]/", "https://[fe80::1%en0]/", "https://::1/", "https://10.0.0.1/",
		"https://10.0.0.1:99/", "https://host.test:port/", "https://host.test:/", "https://host.test:1:2/", "https://ho_st.test/",
		"https://-host.test/", "https://host..test/", "https://host.test./", "https://.host.test/", "https://höst.test/", "https://h*st.test/",
		"https://host.test/\x01", "https://host.test/\x7f", "1https://a", "ht tp://a", "ht!tp://a", "HTTPS://Host.TEST/", "https:/host.test",
		"https:host.test", "?a=b", "#x", "https://host.test#%zz", "https://host.test?%zz", "a%20:b", "https://a@b@c/", "https://host<>/",
		"https://host\"/", "https://host/\"", "https://a;b/", "https://a,b=c!$&'()*+/", "https://[a]/", "https://[]/", "https://%41/", "https://%2f/",
		"mailto:a@b", "https://host.test/[x]", "*", "https://*", "https://a[b]/", "http://[::1]a/", "//", "///", "https://host\\x/", "first/second:third",
		"https://host.test:65536/", "https://host.test:-1/", "https://a^b/", "https://a`b/", "https://a{b}/", "https://a|b/", "https://~a/", "+a://b", "a+b://c",
		"https://[::1]:x/", "https://[v1.a]/", "https://[::1%25]/", "https://[::1%25a%20b]/", "https://[::1%25a%zz]/", "https://u:p%zz@a/", "https://u:p%20@a/", "https://u^@a/",
	}
	for _, text := range uris {
		b := newBundle(true)
		b.leaf.extensions = append(b.leaf.extensions[:1:1], alternativeNames(dnsName(host), uri(text)))
		g.add(label("URI ", text), b)
		b.root.extensions = append(b.root.extensions, constraints([][]byte{uri(".test")}, nil, true))
		g.add(label("URI under a constraint ", text), b)
		b.root.extensions[2] = constraints(nil, [][]byte{uri("host.test")}, false)
		g.add(label("URI under an exclusion ", text), b)
	}
	g.nameConstraints()
}

func subtrees(tag byte, names [][]byte) []byte {
	var all [][]byte
	for _, name := range names {
		all = append(all, sequence(name))
	}
	return der(tag, all...)
}

func constraints(permitted, excluded [][]byte, isCritical bool) []byte {
	var fields []byte
	if permitted != nil {
		fields = append(fields, subtrees(0xa0, permitted)...)
	}
	if excluded != nil {
		fields = append(fields, subtrees(0xa1, excluded)...)
	}
	return standard(30, sequence(fields), isCritical)
}

func (g *generator) nameConstraints() {
	bases := [][]byte{
		dnsName("test"), dnsName("milvus.test"), dnsName(".milvus.test"), dnsName(".test"), dnsName("other.test"), dnsName(""), dnsName("."),
		dnsName("MILVUS.test"), dnsName("*.test"), dnsName("test."), dnsName("..test"), dnsName("mil vus"), dnsName("mílvus.test"), dnsName("ilvus.test"), dnsName("a.milvus.test"),
		dnsName("_milvus.test"), dnsName("milvus.test\x00"), dnsName("\u212ailvus.test"),
		address(10, 0, 0, 0, 255, 0, 0, 0), address(10, 0, 0, 0, 255, 0, 255, 0), address(0, 0, 0, 0, 0, 0, 0, 0), address(10, 0, 0, 9, 255, 255, 255, 254),
		address(append(make([]byte, 15), append([]byte{1}, make([]byte, 16)...)...)...), address(10, 0, 0, 0), address(), address(make([]byte, 33)...),
		email("a@milvus.test"), email("milvus.test"), email(".milvus.test"), email("A@milvus.test"), email("@milvus.test"), email("a@"), email("\"a b\"@milvus.test"), email(""), email("a@b@c"),
		uri("host.test"), uri(".test"), uri("https://host.test"), uri("10.0.0.1"), uri(""), uri("host.test:443"), uri("::1"),
		der(0xa4, name("x")), der(0x88, []byte{0x2a, 3}), der(0xa0, identifier(1, 2, 3)), der(0x9e, nil), der(tagNull), der(0xa2, nil),
	}
	targets := map[string][][]byte{
		"a DNS name":  {dnsName(host)},
		"a wildcard":  {dnsName(host), dnsName("*.test")},
		"odd names":   {dnsName(host), dnsName("*.milvus.test"), dnsName("*")},
		"a dot":       {dnsName(host), dnsName("milvus.test.")},
		"two dots":    {dnsName(host), dnsName("a..test")},
		"empty":       {dnsName(host), dnsName("")},
		"a space":     {dnsName(host), dnsName("a b.test")},
		"an address":  {dnsName(host), address(10, 0, 0, 9)},
		"IPv6":        {dnsName(host), address(append(make([]byte, 15), 1)...)},
		"a mailbox":   {dnsName(host), email("a@milvus.test")},
		"mailboxes":   {dnsName(host), email("A@MILVUS.test"), email("\"a b\"@milvus.test")},
		"no mailbox":  {dnsName(host), email("a@@")},
		"a sub-box":   {dnsName(host), email("b@sub.milvus.test")},
		"a URI":       {dnsName(host), uri("https://host.test/x")},
		"URI by IP":   {dnsName(host), uri("https://10.0.0.1/x")},
		"URN":         {dnsName(host), uri("urn:x")},
		"a directory": {dnsName(host), der(0xa4, name("x"))},
	}
	for i, base := range bases {
		for _, target := range sortedKeys(targets) {
			if !g.isChosen(label("constraint ", i, target), 40) {
				continue
			}
			b := newBundle(true)
			b.leaf.extensions[1] = alternativeNames(targets[target]...)
			b.root.extensions = append(b.root.extensions, constraints([][]byte{base}, nil, i%2 == 0))
			g.add(label("permitted ", i, " of the root for ", target), b)
			b.root.extensions[2] = constraints(nil, [][]byte{base}, i%2 == 1)
			g.add(label("excluded ", i, " of the root for ", target), b)
		}
		b := newBundle(true)
		b.middle.extensions = append(b.middle.extensions, constraints([][]byte{base}, nil, i%2 == 1))
		g.add(label("permitted ", i, " of the intermediate"), b)
		b.middle.extensions[2] = constraints([][]byte{base}, nil, i%2 == 0)
		b.leaf.extensions = b.leaf.extensions[:1]
		g.add(label("permitted ", i, " for no name"), b)
		b = newBundle(false)
		b.leaf.extensions = append(b.leaf.extensions, constraints([][]byte{base}, nil, i%2 == 1))
		g.add(label("permitted ", i, " of the leaf"), b)
	}
	random := g.random("constraints")
	for i := range 150 {
		b := newBundle(true)
		b.leaf.extensions[1] = alternativeNames(targets[pick(random, sortedKeys(targets))]...)
		for _, authority := range []*template{b.root, b.middle} {
			var lists [2][][]byte
			for list := range lists {
				for range random.below(3) {
					lists[list] = append(lists[list], pick(random, bases))
				}
			}
			authority.extensions = append(authority.extensions, constraints(lists[0], lists[1], random.chance(50)))
		}
		if random.chance(20) {
			b.middle.extensions = append(b.middle.extensions, alternativeNames(targets[pick(random, sortedKeys(targets))]...))
		}
		g.add(label("name constraints ", i), b)
	}
	forms := map[string][]byte{
		"no value": nil, "empty": sequence(), "empty lists": sequence(der(0xa0), der(0xa1)), "one empty list": sequence(der(0xa0)),
		"one of two empty": sequence(der(0xa0), subtrees(0xa1, [][]byte{dnsName("other")})), "null after": sequence(subtrees(0xa0, [][]byte{dnsName("test")}), null),
		"lists swapped":     sequence(subtrees(0xa1, [][]byte{dnsName("other")}), subtrees(0xa0, [][]byte{dnsName("test")})),
		"minimum":           sequence(der(0xa0, sequence(dnsName("test"), der(0x80, []byte{0})))),
		"minimum 1":         sequence(der(0xa0, sequence(dnsName("test"), der(0x80, []byte{1})))),
		"maximum":           sequence(der(0xa0, sequence(dnsName("test"), der(0x81, []byte{1})))),
		"empty subtree":     sequence(der(0xa0, sequence())),
		"bytes after value": join(sequence(subtrees(0xa0, [][]byte{dnsName("test")})), null),
	}
	for _, form := range sortedKeys(forms) {
		g.inEach("name constraints: "+form, func(t *template) { t.extensions = append(t.extensions, standard(30, forms[form], true)) })
	}
}
