package main

import (
	"encoding/asn1"
	"maps"
	"math/big"
	"slices"
	"time"
)

// ASN.1 is put together by hand: Go's own encoders refuse what Go's decoders have to be asked about.

const (
	tagBoolean         = 0x01
	tagInteger         = 0x02
	tagBitString       = 0x03
	tagOctetString     = 0x04
	tagNull            = 0x05
	tagUTF8            = 0x0c
	tagNumeric         = 0x12
	tagPrintable       = 0x13
	tagTeletex         = 0x14
	tagIA5             = 0x16
	tagUTCTime         = 0x17
	tagGeneralizedTime = 0x18
	tagUniversal       = 0x1c
	tagBMP             = 0x1e
	tagSequence        = 0x30
	tagSet             = 0x31
)

// der is one element: its tag and its parts.
func der(tag byte, parts ...[]byte) []byte {
	content := join(parts...)
	header := []byte{tag}
	switch n := len(content); {
	case n < 0x80:
		header = append(header, byte(n))
	case n < 0x100:
		header = append(header, 0x81, byte(n))
	default:
		header = append(header, 0x82, byte(n>>8), byte(n))
	}
	return append(header, content...)
}

func join(parts ...[]byte) []byte {
	var all []byte
	for _, part := range parts {
		all = append(all, part...)
	}
	return all
}

func sequence(parts ...[]byte) []byte { return der(tagSequence, parts...) }

func integer(value int64) []byte { return bigInteger(big.NewInt(value)) }

func bigInteger(value *big.Int) []byte {
	encoded, err := asn1.Marshal(value)
	check(err)
	return encoded
}

func bitString(octets []byte) []byte { return der(tagBitString, []byte{0}, octets) }

func identifier(arcs ...int) []byte {
	encoded, err := asn1.Marshal(asn1.ObjectIdentifier(arcs))
	check(err)
	return encoded
}

// name is a distinguished name of one common name.
func name(text string) []byte { return typedName(tagUTF8, []byte(text)) }

func typedName(tag byte, text []byte) []byte {
	return sequence(der(tagSet, sequence(identifier(2, 5, 4, 3), der(tag, text))))
}

func utcTime(at time.Time) []byte { return der(tagUTCTime, []byte(at.UTC().Format("060102150405Z"))) }

func generalizedTime(at time.Time) []byte {
	return der(tagGeneralizedTime, []byte(at.UTC().Format("20060102150405Z")))
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// sortedKeys are the keys of a map in an order that does not change.
func sortedKeys[V any](all map[string]V) []string {
	return slices.Sorted(maps.Keys(all))
}

func sortedNumbers[V any](all map[int]V) []int {
	return slices.Sorted(maps.Keys(all))
}
