package main

// damage are certificates and keys with a random fault in their DER, some of them signed after it.
func (g *generator) damage() {
	for i := range 500 {
		random := g.random(label("damage", i))
		b := newBundle(random.chance(50))
		rich(b.leaf)
		if b.middle != nil {
			rich(b.middle)
		}
		place := b.leaf
		if random.chance(40) {
			place = b.root
			if b.middle != nil {
				place = b.middle
			}
		}
		harm := func(octets []byte) []byte { return damaged(random, octets) }
		if random.chance(75) {
			place.mangle = harm
		} else {
			place.wrap = harm
		}
		g.add(label("damaged certificate ", i), b)
	}
	for i := range 200 {
		random := g.random(label("damaged key", i))
		key := pick(random, []*key{ecKey("P-256", "leaf"), ecKey("P-384", "leaf"), edKey("leaf"), rsaKey(1024, 2, 65537, "")})
		b := newBundle(false).withLeafKey(key)
		encoding, title := key.pkcs8, "PRIVATE KEY"
		if key.sec1 != nil && random.chance(50) {
			encoding, title = key.sec1, "EC PRIVATE KEY"
		}
		if key.pkcs1 != nil && random.chance(50) {
			encoding, title = key.pkcs1, "RSA PRIVATE KEY"
		}
		b.keyFile = block(title, damaged(random, encoding))
		g.add(label("damaged key ", i), b)
	}
}

// rich gives a certificate more of what can be damaged.
func rich(t *template) {
	t.extensions = append(t.extensions,
		keyIdentifier("identifier"), authorityIdentifier("identifier"), standard(32, sequence(sequence(identifier(1, 2, 3))), false),
		standard(31, sequence(sequence(der(0xa0, der(0xa0, uri("http://a/"))))), false),
		extension(sequence(sequence(identifier(1, 3, 6, 1, 5, 5, 7, 48, 1), uri("http://a/"))), false, 1, 3, 6, 1, 5, 5, 7, 1, 1),
	)
}

// damaged changes one octet, most often a tag or a length.
func damaged(random *random, octets []byte) []byte {
	octets = append([]byte{}, octets...)
	at := random.below(len(octets))
	if headers := headers(octets, 0); random.chance(60) {
		at = pick(random, headers)
	}
	switch random.below(5) {
	case 0:
		octets[at] ^= 1 << random.below(8)
	case 1:
		octets[at] = random.bytes(1)[0]
	case 2:
		octets[at] += byte(random.below(3) - 1)
	case 3:
		octets[at] = pick(random, []byte{0, 1, 2, 3, 5, 6, 0x0c, 0x30, 0x31, 0x80, 0x81, 0x82, 0xa0, 0xa3, 0xff})
	default:
		// Two octets that leave all lengths as they are.
		other := random.below(len(octets))
		octets[at], octets[other] = octets[other], octets[at]
	}
	return octets
}

// headers are where the tags and lengths of an encoding are.
func headers(octets []byte, offset int) []int {
	var all []int
	for at := 0; at+2 <= len(octets); {
		element := octets[at:]
		size := 2
		if element[1] >= 0x80 {
			size += int(element[1] & 0x7f)
		}
		if size > 4 || size > len(element) {
			break
		}
		all = append(all, offset+at, offset+at+1)
		end := size + contentLength(element)
		if end > len(element) {
			break
		}
		if element[0]&0x20 != 0 || element[0] == tagOctetString {
			all = append(all, headers(element[size:end], offset+at+size)...)
		}
		at += end
	}
	return all
}
