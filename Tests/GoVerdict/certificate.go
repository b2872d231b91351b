package main

import (
	"encoding/pem"
	"fmt"
	"time"
)

// now is when every case is judged, unless it says otherwise.
var now = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

const day = 24 * time.Hour

// template is a certificate in parts that are encoded already, so that each can be wrong by itself.
type template struct {
	version, serial     []byte
	subject, issuer     []byte
	notBefore, notAfter []byte
	uniqueIDs           []byte
	spki                []byte
	// nil for a certificate without the field.
	extensions [][]byte
	// The algorithms that the certificate names, inside and outside; nil for that of the signature.
	inner, outer []byte
	with         *algorithm
	// Change the part to be signed, the signature, and the whole; nil for no change.
	mangle, mangleSignature, wrap func([]byte) []byte
}

func newTemplate(subject, issuer string, key *key) *template {
	return &template{
		version: der(0xa0, integer(2)), serial: integer(int64(len(subject)) + 1000),
		subject: name(subject), issuer: name(issuer), spki: key.spki,
		notBefore: utcTime(now.Add(-100 * day)), notAfter: utcTime(now.Add(200 * day)),
	}
}

func (t *template) signed(by *key) []byte {
	with := by.usual()
	if t.with != nil {
		with = *t.with
	}
	inner, outer := t.inner, t.outer
	if inner == nil {
		inner = with.encoding
	}
	if outer == nil {
		outer = with.encoding
	}
	var extensions []byte
	if t.extensions != nil {
		extensions = der(0xa3, sequence(t.extensions...))
	}
	content := join(
		t.version, t.serial, inner, t.issuer, sequence(t.notBefore, t.notAfter), t.subject, t.spki, t.uniqueIDs, extensions,
	)
	part := sequence(content)
	if t.mangle != nil {
		part = t.mangle(part)
	}
	signature := by.sign(with, part)
	if t.mangleSignature != nil {
		signature = t.mangleSignature(signature)
	}
	whole := sequence(part, outer, bitString(signature))
	if t.wrap != nil {
		whole = t.wrap(whole)
	}
	return whole
}

// Extensions.

func extension(value []byte, isCritical bool, arcs ...int) []byte {
	if isCritical {
		return sequence(identifier(arcs...), der(tagBoolean, []byte{0xff}), der(tagOctetString, value))
	}
	return sequence(identifier(arcs...), der(tagOctetString, value))
}

func standard(number int, value []byte, isCritical bool) []byte {
	return extension(value, isCritical, 2, 5, 29, number)
}

// basicConstraints has no path length for -1.
func basicConstraints(isAuthority bool, pathLength int) []byte {
	var fields []byte
	if isAuthority {
		fields = der(tagBoolean, []byte{0xff})
	}
	if pathLength >= 0 {
		fields = append(fields, integer(int64(pathLength))...)
	}
	return standard(19, sequence(fields), true)
}

// keyUsage is of a bit string's content: the count of unused bits and the octets.
func keyUsage(content ...byte) []byte { return standard(15, der(tagBitString, content), true) }

func keyIdentifier(value string) []byte {
	return standard(14, der(tagOctetString, []byte(value)), false)
}

func authorityIdentifier(value string) []byte {
	return standard(35, sequence(der(0x80, []byte(value))), false)
}

var usages = map[string][]byte{
	"server": identifier(1, 3, 6, 1, 5, 5, 7, 3, 1), "client": identifier(1, 3, 6, 1, 5, 5, 7, 3, 2),
	"code": identifier(1, 3, 6, 1, 5, 5, 7, 3, 3), "any": identifier(2, 5, 29, 37, 0),
	"unknown": identifier(1, 2, 3, 4), "gated": identifier(1, 3, 6, 1, 4, 1, 311, 10, 3, 3),
}

func extendedKeyUsage(isCritical bool, labels ...string) []byte {
	var all []byte
	for _, label := range labels {
		all = append(all, usages[label]...)
	}
	return standard(37, sequence(all), isCritical)
}

// Names of a subject alternative name extension.

func dnsName(text string) []byte    { return der(0x82, []byte(text)) }
func email(text string) []byte      { return der(0x81, []byte(text)) }
func uri(text string) []byte        { return der(0x86, []byte(text)) }
func address(octets ...byte) []byte { return der(0x87, octets) }

func alternativeNames(names ...[]byte) []byte { return standard(17, sequence(names...), false) }

// authority is a template of a CA.
func authority(subject, issuer string, key *key) *template {
	template := newTemplate(subject, issuer, key)
	template.extensions = [][]byte{basicConstraints(true, -1), keyUsage(1, 0x06)}
	return template
}

const host = "milvus.test"

// server is a template of a certificate for both sides of a connection.
func server(issuer string, key *key) *template {
	template := newTemplate("server", issuer, key)
	template.extensions = [][]byte{extendedKeyUsage(false, "server", "client"), alternativeNames(dnsName(host))}
	return template
}

// bundle is a server's certificate with its chain; each part can be changed before the files are written.
type bundle struct {
	root, middle, leaf          *template
	rootKey, middleKey, leafKey *key
	// Written after the leaf and into the pool instead of what belongs there, unless nil.
	chain, pool [][]byte
	// Instead of the leaf's, unless nil.
	keyFile string
	host    string
	hosts   []string
	now     time.Time
}

// newBundle has an intermediate if it is asked for.
func newBundle(hasMiddle bool) *bundle {
	b := &bundle{rootKey: ecKey("P-256", "root"), leafKey: ecKey("P-256", "leaf"), host: host, now: now}
	b.root = authority("root", "root", b.rootKey)
	if hasMiddle {
		b.middleKey = ecKey("P-256", "middle")
		b.middle = authority("middle", "root", b.middleKey)
		b.leaf = server("middle", b.leafKey)
	} else {
		b.leaf = server("root", b.leafKey)
	}
	return b
}

// withLeafKey gives the server another key.
func (b *bundle) withLeafKey(key *key) *bundle {
	b.leafKey, b.leaf.spki = key, key.spki
	return b
}

// withRootKey gives the root another key.
func (b *bundle) withRootKey(key *key) *bundle {
	b.rootKey, b.root.spki = key, key.spki
	return b
}

// issuerKey signs the leaf.
func (b *bundle) issuerKey() *key {
	if b.middle != nil {
		return b.middleKey
	}
	return b.rootKey
}

func (b *bundle) leafDER() []byte { return b.leaf.signed(b.issuerKey()) }
func (b *bundle) rootDER() []byte { return b.root.signed(b.rootKey) }

// files are the server's certificates, its key, and the CA, as PEM.
func (b *bundle) files() (string, string, string) {
	chain, pool := b.chain, b.pool
	if chain == nil && b.middle != nil {
		chain = [][]byte{b.middle.signed(b.rootKey)}
	}
	if pool == nil {
		pool = [][]byte{b.rootDER()}
	}
	keyFile := b.keyFile
	if keyFile == "" {
		keyFile = block("PRIVATE KEY", b.leafKey.pkcs8)
	}
	return certificates(append([][]byte{b.leafDER()}, chain...)), keyFile, certificates(pool)
}

func block(label string, bytes []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: bytes}))
}

func certificates(all [][]byte) string {
	text := ""
	for _, one := range all {
		text += block("CERTIFICATE", one)
	}
	return text
}

// Case is three files with Go's verdict.
type Case struct {
	Name        string `json:"name"`
	Certificate []byte `json:"certificate"`
	Key         []byte `json:"key"`
	Authority   []byte `json:"authority"`
	// internaltls.sni.
	Host string `json:"host"`
	// Seconds since 1970.
	Now     int64   `json:"now"`
	Verdict Verdict `json:"verdict"`
}

// generator collects cases.
type generator struct {
	seed  string
	cases []Case
	// The hosts that each case is asked for.
	hosts [][]string
	seen  map[string]bool
}

func (g *generator) random(name string) *random { return &random{newStream(g.seed + name)} }

// isChosen takes a share of the cases of a kind with many; each seed takes others.
func (g *generator) isChosen(name string, percent int) bool { return g.random(name).chance(percent) }

func (g *generator) add(name string, b *bundle) {
	certificate, key, authority := b.files()
	g.addFiles(name, certificate, key, authority, b)
}

func (g *generator) addFiles(name, certificate, key, authority string, b *bundle) {
	if g.seen[name] {
		panic("two cases are named " + name)
	}
	g.seen[name] = true
	g.cases = append(g.cases, Case{
		Name: name, Certificate: []byte(certificate), Key: []byte(key), Authority: []byte(authority), Host: b.host,
		Now: b.now.Unix(),
	})
	g.hosts = append(g.hosts, b.hosts)
}

// random are choices that are the same in every run with one seed.
type random struct{ *stream }

func (r *random) below(limit int) int {
	octets := r.bytes(4)
	return int(uint32(octets[0])<<24|uint32(octets[1])<<16|uint32(octets[2])<<8|uint32(octets[3])) % limit
}

func (r *random) chance(percent int) bool { return r.below(100) < percent }

func pick[T any](r *random, all []T) T { return all[r.below(len(all))] }

func label(parts ...any) string { return fmt.Sprint(parts...) }
