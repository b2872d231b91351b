package main

import (
	"crypto"
	"crypto/dsa"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha512"
	"crypto/x509"
	"encoding/binary"
	"fmt"
	"io"
	"math/big"

	_ "crypto/md5"
	_ "crypto/sha1"
	_ "crypto/sha256"
	_ "crypto/sha3"
)

// key is a key pair of any kind; the same in every run.
type key struct {
	label string
	// nil where there is nothing to sign with.
	private any
	spki    []byte
	// The encodings of the private key by the label of their PEM block.
	pkcs8, pkcs1, sec1 []byte
}

// stream is an endless series of octets from a text.
type stream struct {
	seed    []byte
	counter uint64
	rest    []byte
}

func newStream(seed string) *stream { return &stream{seed: []byte(seed)} }

func (s *stream) Read(octets []byte) (int, error) {
	for i := range octets {
		if len(s.rest) == 0 {
			block := sha512.Sum512(binary.BigEndian.AppendUint64(s.seed[:len(s.seed):len(s.seed)], s.counter))
			s.counter++
			s.rest = block[:]
		}
		octets[i], s.rest = s.rest[0], s.rest[1:]
	}
	return len(octets), nil
}

func (s *stream) bytes(count int) []byte {
	octets := make([]byte, count)
	_, err := io.ReadFull(s, octets)
	check(err)
	return octets
}

func (s *stream) prime(bits int, exponent int64) *big.Int {
	for {
		candidate := new(big.Int).SetBytes(s.bytes((bits + 7) / 8))
		candidate.Rsh(candidate, uint((8-bits%8)%8))
		// The two highest bits: the product has exactly twice the length.
		candidate.SetBit(candidate, bits-1, 1).SetBit(candidate, bits-2, 1).SetBit(candidate, 0, 1)
		order := new(big.Int).Sub(candidate, big.NewInt(1))
		if new(big.Int).GCD(nil, nil, order, big.NewInt(exponent)).Int64() == 1 && candidate.ProbablyPrime(10) {
			return candidate
		}
	}
}

var keys = map[string]*key{}

// cached makes a key once.
func cached(label string, make func() *key) *key {
	if keys[label] == nil {
		keys[label] = make()
		keys[label].label = label
	}
	return keys[label]
}

// rsaKey is a key of several primes of the same length.
func rsaKey(bits, primes int, exponent int64, variant string) *key {
	return cached(fmt.Sprintf("RSA-%d-%d-%d%s", bits, primes, exponent, variant), func() *key {
		random := newStream(fmt.Sprint("rsa", bits, primes, exponent, variant))
		private := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: big.NewInt(1), E: int(exponent)}}
		order := big.NewInt(1)
		for range primes {
			prime := random.prime(bits/primes, exponent)
			private.Primes = append(private.Primes, prime)
			private.N.Mul(private.N, prime)
			order.Mul(order, new(big.Int).Sub(prime, big.NewInt(1)))
		}
		private.D = new(big.Int).ModInverse(big.NewInt(exponent), order)
		return newRSAKey(private)
	})
}

func newRSAKey(private *rsa.PrivateKey) *key {
	public := sequence(bigInteger(private.N), integer(int64(private.E)))
	numbers := newRSANumbers(private)
	return &key{
		private: private, spki: sequence(rsaAlgorithm, bitString(public)),
		pkcs1: numbers.encoding(), pkcs8: pkcs8(rsaAlgorithm, numbers.encoding()),
	}
}

// rsaNumbers are the fields of an RSAPrivateKey (RFC 8017, A.1.2), which can be changed one by one.
type rsaNumbers struct {
	version int64
	fields  []*big.Int // n, e, d, p, q, dP, dQ, qInv
	others  [][]*big.Int
	omitted int // fields at the end that are left out
}

func newRSANumbers(private *rsa.PrivateKey) *rsaNumbers {
	p, q := private.Primes[0], private.Primes[1]
	minusOne := func(n *big.Int) *big.Int { return new(big.Int).Sub(n, big.NewInt(1)) }
	numbers := &rsaNumbers{fields: []*big.Int{
		private.N, big.NewInt(int64(private.E)), private.D, p, q, new(big.Int).Mod(private.D, minusOne(p)),
		new(big.Int).Mod(private.D, minusOne(q)), new(big.Int).ModInverse(q, p),
	}}
	product := new(big.Int).Mul(p, q)
	for _, prime := range private.Primes[2:] {
		numbers.version = 1
		exponent := new(big.Int).Mod(private.D, minusOne(prime))
		numbers.others = append(numbers.others, []*big.Int{prime, exponent, new(big.Int).ModInverse(product, prime)})
		product.Mul(product, prime)
	}
	return numbers
}

func (n *rsaNumbers) encoding() []byte {
	parts := [][]byte{integer(n.version)}
	for _, field := range n.fields[:len(n.fields)-n.omitted] {
		parts = append(parts, bigInteger(field))
	}
	if n.others != nil {
		var others [][]byte
		for _, other := range n.others {
			others = append(others, sequence(bigInteger(other[0]), bigInteger(other[1]), bigInteger(other[2])))
		}
		parts = append(parts, sequence(others...))
	}
	return sequence(parts...)
}

var curves = map[string]elliptic.Curve{
	"P-224": elliptic.P224(), "P-256": elliptic.P256(), "P-384": elliptic.P384(), "P-521": elliptic.P521(),
}

var curveIdentifiers = map[string][]byte{
	"P-224": identifier(1, 3, 132, 0, 33), "P-256": identifier(1, 2, 840, 10045, 3, 1, 7),
	"P-384": identifier(1, 3, 132, 0, 34), "P-521": identifier(1, 3, 132, 0, 35),
	"secp256k1": identifier(1, 3, 132, 0, 10), "P-192": identifier(1, 2, 840, 10045, 3, 1, 1),
	"brainpoolP256r1": identifier(1, 3, 36, 3, 3, 2, 8, 1, 1, 7),
}

func ecKey(curve, variant string) *key {
	return cached(curve+variant, func() *key {
		scalar := newStream("ec" + curve + variant).bytes((curves[curve].Params().BitSize + 7) / 8)
		scalar[0], scalar[len(scalar)-1] = 0, scalar[len(scalar)-1]|1
		x, y := curves[curve].ScalarBaseMult(scalar)
		public := ecdsa.PublicKey{Curve: curves[curve], X: x, Y: y}
		private := &ecdsa.PrivateKey{PublicKey: public, D: new(big.Int).SetBytes(scalar)}
		sec1, err := x509.MarshalECPrivateKey(private)
		check(err)
		pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
		check(err)
		spki, err := x509.MarshalPKIXPublicKey(&public)
		check(err)
		return &key{private: private, spki: spki, pkcs8: pkcs8, sec1: sec1}
	})
}

func edKey(variant string) *key {
	return cached("Ed25519"+variant, func() *key {
		private := ed25519.NewKeyFromSeed(newStream("ed" + variant).bytes(32))
		encoded, err := x509.MarshalPKCS8PrivateKey(private)
		check(err)
		return &key{
			private: private, pkcs8: encoded,
			spki: sequence(sequence(edAlgorithm), bitString(private.Public().(ed25519.PublicKey))),
		}
	})
}

func dsaKey() *key {
	return cached("DSA", func() *key {
		private := &dsa.PrivateKey{}
		random := newStream("dsa")
		// FIPS 186-3: q divides p - 1.
		q := random.prime(160, 1)
		p := new(big.Int)
		for !p.ProbablyPrime(10) || p.BitLen() != 1024 {
			p.SetBytes(random.bytes(128)).SetBit(p, 1023, 1)
			p.Sub(p, new(big.Int).Mod(p, new(big.Int).Mul(q, big.NewInt(2)))).Add(p, big.NewInt(1))
		}
		exponent := new(big.Int).Div(new(big.Int).Sub(p, big.NewInt(1)), q)
		private.Parameters = dsa.Parameters{P: p, Q: q, G: new(big.Int).Exp(big.NewInt(2), exponent, p)}
		private.X = new(big.Int).SetBytes(random.bytes(19))
		private.Y = new(big.Int).Exp(private.G, private.X, p)
		parameters := sequence(bigInteger(p), bigInteger(q), bigInteger(private.G))
		algorithm := sequence(identifier(1, 2, 840, 10040, 4, 1), parameters)
		return &key{
			private: private, spki: sequence(algorithm, bitString(bigInteger(private.Y))),
			pkcs8: pkcs8(algorithm, bigInteger(private.X)),
		}
	})
}

// opaqueKey is a key that nobody here can sign with.
func opaqueKey(label string, algorithm, public, private []byte) *key {
	return cached(label, func() *key {
		return &key{spki: sequence(algorithm, bitString(public)), pkcs8: pkcs8(algorithm, private)}
	})
}

func pkcs8(algorithm, private []byte) []byte {
	return sequence(integer(0), algorithm, der(tagOctetString, private))
}

var (
	null         = []byte{tagNull, 0}
	rsaAlgorithm = sequence(identifier(1, 2, 840, 113549, 1, 1, 1), null)
	ecAlgorithm  = identifier(1, 2, 840, 10045, 2, 1)
	edAlgorithm  = identifier(1, 3, 101, 112)
)

// algorithm is a signature algorithm: its encoded AlgorithmIdentifier, and how it signs.
type algorithm struct {
	encoding []byte
	hash     crypto.Hash
	isPSS    bool
	salt     int
}

func rsaSignature(arc int, hash crypto.Hash) algorithm {
	return algorithm{encoding: sequence(identifier(1, 2, 840, 113549, 1, 1, arc), null), hash: hash}
}

func ecSignature(hash crypto.Hash, arcs ...int) algorithm {
	return algorithm{encoding: sequence(identifier(append([]int{1, 2, 840, 10045, 4}, arcs...)...)), hash: hash}
}

var hashIdentifiers = map[crypto.Hash][]byte{
	crypto.SHA1:   identifier(1, 3, 14, 3, 2, 26),
	crypto.SHA224: identifier(2, 16, 840, 1, 101, 3, 4, 2, 4),
	crypto.SHA256: identifier(2, 16, 840, 1, 101, 3, 4, 2, 1),
	crypto.SHA384: identifier(2, 16, 840, 1, 101, 3, 4, 2, 2),
	crypto.SHA512: identifier(2, 16, 840, 1, 101, 3, 4, 2, 3),
}

// pss is RSASSA-PSS with the hashes of the message and the mask; withNull is how their parameters are written.
func pss(hash, mask crypto.Hash, salt int, withNull bool, trailer []byte) algorithm {
	hashAlgorithm := func(hash crypto.Hash) []byte {
		if withNull {
			return sequence(hashIdentifiers[hash], null)
		}
		return sequence(hashIdentifiers[hash])
	}
	generation := sequence(identifier(1, 2, 840, 113549, 1, 1, 8), hashAlgorithm(mask))
	parameters := sequence(
		der(0xa0, hashAlgorithm(hash)), der(0xa1, generation), der(0xa2, integer(int64(salt))), trailer,
	)
	encoding := sequence(identifier(1, 2, 840, 113549, 1, 1, 10), parameters)
	return algorithm{encoding: encoding, hash: hash, isPSS: true, salt: salt}
}

var algorithms = map[string]algorithm{
	"RSA-MD5": rsaSignature(4, crypto.MD5), "RSA-SHA1": rsaSignature(5, crypto.SHA1),
	"RSA-SHA224": rsaSignature(14, crypto.SHA224), "RSA-SHA256": rsaSignature(11, crypto.SHA256),
	"RSA-SHA384": rsaSignature(12, crypto.SHA384), "RSA-SHA512": rsaSignature(13, crypto.SHA512),
	"RSA-SHA1-ISO":        {encoding: sequence(identifier(1, 3, 14, 3, 2, 29), null), hash: crypto.SHA1},
	"RSA-SHA256-no-NULL":  {encoding: sequence(identifier(1, 2, 840, 113549, 1, 1, 11)), hash: crypto.SHA256},
	"RSA-SHA3":            {encoding: sequence(identifier(2, 16, 840, 1, 101, 3, 4, 3, 14)), hash: crypto.SHA3_256},
	"PSS-SHA256":          pss(crypto.SHA256, crypto.SHA256, 32, true, nil),
	"PSS-SHA384":          pss(crypto.SHA384, crypto.SHA384, 48, true, nil),
	"PSS-SHA512":          pss(crypto.SHA512, crypto.SHA512, 64, true, nil),
	"PSS-SHA256-no-NULL":  pss(crypto.SHA256, crypto.SHA256, 32, false, nil),
	"PSS-SHA256-trailer":  pss(crypto.SHA256, crypto.SHA256, 32, true, der(0xa3, integer(1))),
	"PSS-SHA256-trailer2": pss(crypto.SHA256, crypto.SHA256, 32, true, der(0xa3, integer(2))),
	"PSS-SHA256-salt20":   pss(crypto.SHA256, crypto.SHA256, 20, true, nil),
	"PSS-SHA256-mask1":    pss(crypto.SHA256, crypto.SHA1, 32, true, nil),
	"PSS-SHA1":            pss(crypto.SHA1, crypto.SHA1, 20, true, nil),
	"PSS-defaults": {
		encoding: sequence(identifier(1, 2, 840, 113549, 1, 1, 10), sequence()), hash: crypto.SHA1, isPSS: true, salt: 20,
	},
	"PSS-without-parameters": {
		encoding: sequence(identifier(1, 2, 840, 113549, 1, 1, 10)), hash: crypto.SHA256, isPSS: true, salt: 32,
	},
	"ECDSA-SHA1": ecSignature(crypto.SHA1, 1), "ECDSA-SHA224": ecSignature(crypto.SHA224, 3, 1),
	"ECDSA-SHA256": ecSignature(crypto.SHA256, 3, 2), "ECDSA-SHA384": ecSignature(crypto.SHA384, 3, 3),
	"ECDSA-SHA512": ecSignature(crypto.SHA512, 3, 4),
	"ECDSA-SHA256-NULL": {
		encoding: sequence(identifier(1, 2, 840, 10045, 4, 3, 2), null), hash: crypto.SHA256,
	},
	"ECDSA-SHA3":      {encoding: sequence(identifier(2, 16, 840, 1, 101, 3, 4, 3, 10)), hash: crypto.SHA3_256},
	"Ed25519":         {encoding: sequence(edAlgorithm)},
	"Ed25519-NULL":    {encoding: sequence(edAlgorithm, null)},
	"Ed448":           {encoding: sequence(identifier(1, 3, 101, 113))},
	"DSA-SHA1":        {encoding: sequence(identifier(1, 2, 840, 10040, 4, 3)), hash: crypto.SHA1},
	"DSA-SHA256":      {encoding: sequence(identifier(2, 16, 840, 1, 101, 3, 4, 3, 2)), hash: crypto.SHA256},
	"SM2":             {encoding: sequence(identifier(1, 2, 156, 10197, 1, 501)), hash: crypto.SHA256},
	"unknown":         {encoding: sequence(identifier(1, 2, 3, 4, 5))},
	"RSA-key-as-sign": {encoding: rsaAlgorithm, hash: crypto.SHA256},
}

// usual is the algorithm that a key signs with where nothing else is said.
func (k *key) usual() algorithm {
	switch k.private.(type) {
	case *rsa.PrivateKey:
		return algorithms["RSA-SHA256"]
	case ed25519.PrivateKey:
		return algorithms["Ed25519"]
	case *dsa.PrivateKey:
		return algorithms["DSA-SHA256"]
	}
	return algorithms["ECDSA-SHA256"]
}

// sign signs with the key in its own way, whatever kind of key the algorithm is for.
func (k *key) sign(with algorithm, message []byte) []byte {
	if private, ok := k.private.(ed25519.PrivateKey); ok {
		return ed25519.Sign(private, message)
	}
	if with.hash == 0 {
		with.hash = crypto.SHA256
	}
	digest := digestOf(with.hash, message)
	switch private := k.private.(type) {
	case *rsa.PrivateKey:
		if with.isPSS {
			options := &rsa.PSSOptions{SaltLength: with.salt, Hash: with.hash}
			signature, err := rsa.SignPSS(newStream(string(digest)), private, with.hash, digest, options)
			check(err)
			return signature
		}
		return signPKCS1(private, with.hash, digest)
	case *ecdsa.PrivateKey:
		signature, err := private.Sign(nil, digest, with.hash)
		check(err)
		return signature
	case *dsa.PrivateKey:
		r, s, err := dsa.Sign(newStream(string(digest)), private, digest[:min(20, len(digest))])
		check(err)
		return sequence(bigInteger(r), bigInteger(s))
	}
	return []byte("no signature")
}

func digestOf(hash crypto.Hash, message []byte) []byte {
	hasher := hash.New()
	hasher.Write(message)
	return hasher.Sum(nil)
}

// signPKCS1 signs by RSASSA-PKCS1-v1_5 (RFC 8017, 8.2), also with keys that Go refuses.
func signPKCS1(private *rsa.PrivateKey, hash crypto.Hash, digest []byte) []byte {
	identifiers := map[crypto.Hash][]byte{
		crypto.MD5: identifier(1, 2, 840, 113549, 2, 5), crypto.SHA3_256: identifier(2, 16, 840, 1, 101, 3, 4, 2, 8),
	}
	algorithm := identifiers[hash]
	if algorithm == nil {
		algorithm = hashIdentifiers[hash]
	}
	if algorithm == nil {
		algorithm = hashIdentifiers[crypto.SHA256]
	}
	information := sequence(sequence(algorithm, null), der(tagOctetString, digest))
	size := (private.N.BitLen() + 7) / 8
	padding := size - len(information) - 3
	if padding < 0 {
		return make([]byte, size)
	}
	block := make([]byte, padding)
	for i := range block {
		block[i] = 0xff
	}
	message := new(big.Int).SetBytes(join([]byte{0, 1}, block, []byte{0}, information))
	return message.Exp(message, private.D, private.N).FillBytes(make([]byte, size))
}
