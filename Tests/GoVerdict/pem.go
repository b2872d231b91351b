package main

import (
	"encoding/base64"
	"strings"
	"unicode/utf16"
)

// forms are what editors, templates, YAML and people do to a PEM file.
var forms = map[string]func(string) string{
	"as it is":                func(t string) string { return t },
	"BOM":                     func(t string) string { return "\ufeff" + t },
	"BOM and a line":          func(t string) string { return "\ufeff\n" + t },
	"UTF-16 LE":               func(t string) string { return utf16Text(t, false, true) },
	"UTF-16 BE":               func(t string) string { return utf16Text(t, true, true) },
	"UTF-16 LE without BOM":   func(t string) string { return utf16Text(t, false, false) },
	"CRLF":                    func(t string) string { return strings.ReplaceAll(t, "\n", "\r\n") },
	"CR":                      func(t string) string { return strings.ReplaceAll(t, "\n", "\r") },
	"CR CR LF":                func(t string) string { return strings.ReplaceAll(t, "\n", "\r\r\n") },
	"LF CR":                   func(t string) string { return strings.ReplaceAll(t, "\n", "\n\r") },
	"CRLF on the first line":  func(t string) string { return strings.Replace(t, "\n", "\r\n", 1) },
	"DOS end of file":         func(t string) string { return strings.ReplaceAll(t, "\n", "\r\n") + "\x1a" },
	"vertical tabs":           func(t string) string { return strings.ReplaceAll(t, "\n", "\v\n") },
	"form feeds":              func(t string) string { return strings.ReplaceAll(t, "\n", "\f") },
	"next lines":              func(t string) string { return strings.ReplaceAll(t, "\n", "\u0085") },
	"folded scalar":           func(t string) string { return strings.ReplaceAll(strings.TrimSpace(t), "\n", " ") },
	"one line":                func(t string) string { return strings.ReplaceAll(t, "\n", "") },
	"two characters \\n":      func(t string) string { return strings.ReplaceAll(t, "\n", `\n`) },
	"two characters \\r\\n":   func(t string) string { return strings.ReplaceAll(t, "\n", `\r\n`) },
	"quoted":                  func(t string) string { return `"` + t + `"` },
	"quoted with \\n":         func(t string) string { return `"` + strings.ReplaceAll(t, "\n", `\n`) + `"` },
	"block mark":              func(t string) string { return "|\n" + t },
	"spaces after lines":      func(t string) string { return strings.ReplaceAll(t, "\n", "  \n") },
	"tabs after lines":        func(t string) string { return strings.ReplaceAll(t, "\n", "\t\n") },
	"spaces before lines":     func(t string) string { return "  " + strings.ReplaceAll(t, "\n", "\n  ") },
	"tabs before lines":       func(t string) string { return "\t" + strings.ReplaceAll(t, "\n", "\n\t") },
	"spaces before BEGIN":     func(t string) string { return strings.ReplaceAll(t, "-----BEGIN", " -----BEGIN") },
	"spaces before END":       func(t string) string { return strings.ReplaceAll(t, "-----END", " -----END") },
	"spaces after BEGIN line": func(t string) string { return replaceFirst(t, "-----\n", "-----   \n") },
	"spaces in base64":        func(t string) string { return inBody(t, func(b string) string { return b[:5] + "  " + b[5:] }) },
	"no-break space":          func(t string) string { return inBody(t, func(b string) string { return b[:5] + "\u00a0" + b[5:] }) },
	"zero-width space":        func(t string) string { return inBody(t, func(b string) string { return b[:5] + "\u200b" + b[5:] }) },
	"NUL in base64":           func(t string) string { return inBody(t, func(b string) string { return b[:5] + "\x00" + b[5:] }) },
	"star in base64":          func(t string) string { return inBody(t, func(b string) string { return b[:5] + "*" + b[6:] }) },
	"hyphen in base64":        func(t string) string { return inBody(t, func(b string) string { return b[:5] + "-" + b[6:] }) },
	"colon in base64":         func(t string) string { return inBody(t, func(b string) string { return b[:5] + ":" + b[6:] }) },
	"URL alphabet":            func(t string) string { return inBody(t, base64URL) },
	"no padding": func(t string) string {
		return inBody(t, func(b string) string { return strings.TrimRight(b, "=\n") + "\n" })
	},
	"extra padding": func(t string) string {
		return inBody(t, func(b string) string { return strings.TrimSuffix(b, "\n") + "=\n" })
	},
	"four more padding": func(t string) string {
		return inBody(t, func(b string) string { return strings.TrimSuffix(b, "\n") + "====\n" })
	},
	"padding amid":            func(t string) string { return inBody(t, func(b string) string { return b[:8] + "====" + b[8:] }) },
	"a character missing":     func(t string) string { return inBody(t, func(b string) string { return b[1:] }) },
	"four characters missing": func(t string) string { return inBody(t, func(b string) string { return b[4:] }) },
	"a line missing":          func(t string) string { return inBody(t, func(b string) string { return b[strings.Index(b, "\n")+1:] }) },
	"a line twice": func(t string) string {
		return inBody(t, func(b string) string { return b[:strings.Index(b, "\n")+1] + b })
	},
	"another character":       func(t string) string { return inBody(t, func(b string) string { return b[:20] + "/" + b[21:] }) },
	"lines of 76":             func(t string) string { return inBody(t, func(b string) string { return wrapped(b, 76) }) },
	"lines of 1":              func(t string) string { return inBody(t, func(b string) string { return wrapped(b, 1) }) },
	"body on one line":        func(t string) string { return inBody(t, func(b string) string { return wrapped(b, 1<<20) }) },
	"blank lines":             func(t string) string { return strings.ReplaceAll(t, "\n", "\n\n") },
	"blank line after BEGIN":  func(t string) string { return replaceFirst(t, "-----\n", "-----\n\n") },
	"blank line before END":   func(t string) string { return replaceFirst(t, "\n-----END", "\n\n-----END") },
	"no line break at end":    func(t string) string { return strings.TrimSuffix(t, "\n") },
	"CR at end":               func(t string) string { return strings.TrimSuffix(t, "\n") + "\r" },
	"NUL at end":              func(t string) string { return t + "\x00" },
	"END on last line":        func(t string) string { return replaceFirst(t, "\n-----END", "-----END") },
	"BEGIN and body together": func(t string) string { return replaceFirst(t, "-----\n", "-----") },
	"no BEGIN":                func(t string) string { return t[strings.Index(t, "\n")+1:] },
	"no END":                  func(t string) string { return t[:strings.Index(t, "-----END")] },
	"half":                    func(t string) string { return t[:len(t)/2] },
	"cut in END":              func(t string) string { return t[:len(t)-8] },
	"cut in BEGIN":            func(t string) string { return t[8:] },
	"four dashes before":      func(t string) string { return t[1:] },
	"six dashes before":       func(t string) string { return "-" + t },
	"four dashes after":       func(t string) string { return replaceFirst(t, "-----\n", "----\n") },
	"six dashes after":        func(t string) string { return replaceFirst(t, "-----\n", "------\n") },
	"six dashes before END":   func(t string) string { return replaceFirst(t, "-----END", "------END") },
	"six dashes after END":    func(t string) string { return strings.TrimSuffix(t, "\n") + "-\n" },
	"en dashes":               func(t string) string { return strings.ReplaceAll(t, "-----", "–––––") },
	"text after BEGIN":        func(t string) string { return replaceFirst(t, "-----\n", "----- server\n") },
	"text after END":          func(t string) string { return strings.TrimSuffix(t, "\n") + " server\n" },
	"text before BEGIN":       func(t string) string { return "server " + t },
	"comma after END":         func(t string) string { return strings.TrimSuffix(t, "\n") + ",\n" },
	"another END label":       func(t string) string { return strings.Replace(t, "-----END ", "-----END X", 1) },
	"END in lower case":       func(t string) string { return strings.ReplaceAll(t, "-----END ", "-----end ") },
	"lower case":              lowerLabels,
	"two spaces in BEGIN":     func(t string) string { return strings.ReplaceAll(t, "-----BEGIN ", "-----BEGIN  ") },
	"label with space":        func(t string) string { return relabel(t, func(l string) string { return l + " " }) },
	"empty label":             func(t string) string { return relabel(t, func(string) string { return "" }) },
	"label X509":              func(t string) string { return relabel(t, func(l string) string { return "X509 " + l }) },
	"label TRUSTED":           func(t string) string { return relabel(t, func(l string) string { return "TRUSTED " + l }) },
	"label EC":                func(t string) string { return relabel(t, func(string) string { return "EC PRIVATE KEY" }) },
	"label RSA":               func(t string) string { return relabel(t, func(string) string { return "RSA PRIVATE KEY" }) },
	"label ANY":               func(t string) string { return relabel(t, func(string) string { return "ANY OLD PRIVATE KEY" }) },
	"label without space":     func(t string) string { return relabel(t, func(string) string { return "MYPRIVATE KEY" }) },
	"label OPENSSH":           func(t string) string { return relabel(t, func(string) string { return "OPENSSH PRIVATE KEY" }) },
	"label ENCRYPTED":         func(t string) string { return relabel(t, func(string) string { return "ENCRYPTED PRIVATE KEY" }) },
	"label PUBLIC":            func(t string) string { return relabel(t, func(string) string { return "PUBLIC KEY" }) },
	"label REQUEST":           func(t string) string { return relabel(t, func(string) string { return "CERTIFICATE REQUEST" }) },
	"label PKCS7":             func(t string) string { return relabel(t, func(string) string { return "PKCS7" }) },
	"header":                  func(t string) string { return replaceFirst(t, "-----\n", "-----\nComment: mine\n\n") },
	"header without a blank":  func(t string) string { return replaceFirst(t, "-----\n", "-----\nComment: mine\n") },
	"header Proc-Type":        func(t string) string { return replaceFirst(t, "-----\n", "-----\nProc-Type: 4,CLEAR\n\n") },
	"header ENCRYPTED":        func(t string) string { return replaceFirst(t, "-----\n", "-----\nProc-Type: 4,ENCRYPTED\n\n") },
	"header of two lines":     func(t string) string { return replaceFirst(t, "-----\n", "-----\nOne: mine\n two\n\n") },
	"headers alone":           func(t string) string { return inBody(t, func(string) string { return "One: two\n" }) },
	"header of a colon":       func(t string) string { return replaceFirst(t, "-----\n", "-----\n:\n") },
	"text before":             func(t string) string { return "subject=CN = server\nissuer=CN = root\n" + t },
	"text after":              func(t string) string { return t + "subject=CN = server\n" },
	"text between": func(t string) string {
		return t + "\nBag Attributes\n  friendlyName: x\n" + t
	},
	"hash before":             func(t string) string { return "# my file\n" + t },
	"dashes before":           func(t string) string { return "-----\n" + t },
	"YAML mark before":        func(t string) string { return "---\n" + t },
	"BEGIN alone before":      func(t string) string { return "-----BEGIN CERTIFICATE-----\n" + t },
	"END alone before":        func(t string) string { return "-----END CERTIFICATE-----\n" + t },
	"block of nothing before": func(t string) string { return "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n" + t },
	"key of nothing before":   func(t string) string { return "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n" + t },
	"block of nothing after":  func(t string) string { return t + "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n" },
	"garbage block before":    func(t string) string { return block("CERTIFICATE", []byte("garbage")) + t },
	"garbage block after":     func(t string) string { return t + block("CERTIFICATE", []byte("garbage")) },
	"garbage key before":      func(t string) string { return block("PRIVATE KEY", []byte("garbage")) + t },
	"parameters before":       func(t string) string { return block("EC PARAMETERS", curveIdentifiers["P-256"]) + t },
	"DH parameters after":     func(t string) string { return t + block("DH PARAMETERS", sequence(integer(23), integer(5))) },
	"CRL before":              func(t string) string { return block("X509 CRL", []byte("garbage")) + t },
	"broken base64 before":    func(t string) string { return "-----BEGIN CERTIFICATE-----\n***\n-----END CERTIFICATE-----\n" + t },
	"broken base64 after":     func(t string) string { return t + "-----BEGIN CERTIFICATE-----\n***\n-----END CERTIFICATE-----\n" },
	"twice":                   func(t string) string { return t + t },
	"twice without a break":   func(t string) string { return strings.TrimSuffix(t, "\n") + t },
	"empty":                   func(string) string { return "" },
	"white space":             func(string) string { return " \n\t\r\n" },
	"a word":                  func(string) string { return "changeme" },
	"a comment":               func(string) string { return "# put your certificate here\n" },
	"BEGIN line":              func(t string) string { return t[:strings.Index(t, "\n")+1] },
	"base64 of it":            func(t string) string { return base64.StdEncoding.EncodeToString([]byte(t)) },
	"base64 body alone":       func(t string) string { return bodyOf(t) },
	"DER":                     func(t string) string { return string(decoded(t)) },
	"PKCS#12": func(string) string {
		return string(sequence(integer(3), sequence(identifier(1, 2, 840, 113549, 1, 7, 1), make([]byte, 300))))
	},
	"Java keystore": func(string) string { return "\xfe\xed\xfe\xed\x00\x00\x00\x02" },
	"a path":        func(string) string { return "/milvus/tls/server.pem\n" },
}

func replaceFirst(text, old, new string) string { return strings.Replace(text, old, new, 1) }

// inBody changes the base64 of the first block.
func inBody(text string, change func(string) string) string {
	start := strings.Index(text, "\n") + 1
	end := strings.Index(text, "-----END")
	return text[:start] + change(text[start:end]) + text[end:]
}

func bodyOf(text string) string {
	return text[strings.Index(text, "\n")+1 : strings.Index(text, "-----END")]
}

func decoded(text string) []byte {
	bytes, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(bodyOf(text), "\n", ""))
	check(err)
	return bytes
}

func base64URL(text string) string {
	return strings.NewReplacer("+", "-", "/", "_").Replace(text)
}

func wrapped(text string, width int) string {
	text = strings.ReplaceAll(text, "\n", "")
	lines := ""
	for len(text) > width {
		lines, text = lines+text[:width]+"\n", text[width:]
	}
	return lines + text + "\n"
}

func relabel(text string, change func(string) string) string {
	start := strings.Index(text, "BEGIN ") + 6
	old := text[start : start+strings.Index(text[start:], "-----")]
	return strings.ReplaceAll(text, old, change(old))
}

func lowerLabels(text string) string { return relabel(text, strings.ToLower) }

func utf16Text(text string, isBig, hasMark bool) string {
	if hasMark {
		text = "\ufeff" + text
	}
	var bytes []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		if isBig {
			bytes = append(bytes, byte(unit>>8), byte(unit))
		} else {
			bytes = append(bytes, byte(unit), byte(unit>>8))
		}
	}
	return string(bytes)
}

// pemTexts are good certificates and keys in texts of every form.
func (g *generator) pemTexts() {
	b := newBundle(true)
	certificate, key, authority := b.files()
	leaf := block("CERTIFICATE", b.leafDER())
	middle := strings.TrimPrefix(certificate, leaf)
	stranger := block("PRIVATE KEY", ecKey("P-256", "stranger").pkcs8)
	strangers := newBundle(false)
	strangers.root.subject = name("stranger")
	_, _, otherAuthority := strangers.files()
	for _, form := range sortedKeys(forms) {
		change := forms[form]
		g.addFiles("certificate: "+form, change(certificate), key, authority, b)
		g.addFiles("intermediate: "+form, leaf+change(middle), key, authority, b)
		g.addFiles("key: "+form, certificate, change(key), authority, b)
		if g.isChosen("SEC 1 key: "+form, 30) {
			g.addFiles("SEC 1 key: "+form, certificate, change(block("EC PRIVATE KEY", b.leafKey.sec1)), authority, b)
		}
		g.addFiles("CA: "+form, certificate, key, change(authority), b)
		g.addFiles("second CA: "+form, certificate, key, otherAuthority+change(authority), b)
		if g.isChosen("all: "+form, 30) {
			g.addFiles("all: "+form, change(certificate), change(key), change(authority), b)
		}
		g.addFiles("combined: "+form, change(certificate+key), change(certificate+key), change(authority), b)
	}
	parts := map[string]string{
		"leaf": leaf, "middle": middle, "key": key, "sec1": block("EC PRIVATE KEY", b.leafKey.sec1), "stranger": stranger,
		"root": authority, "other": otherAuthority, "parameters": block("EC PARAMETERS", curveIdentifiers["P-256"]),
		"text": "some text\n", "garbage": block("CERTIFICATE", []byte("garbage")),
	}
	random := g.random("combined")
	for i := range 150 {
		file := func(needed ...string) (string, string) {
			chosen := append([]string{}, needed...)
			for range random.below(4) {
				at := random.below(len(chosen) + 1)
				added := pick(random, sortedKeys(parts))
				chosen = append(chosen[:at:at], append([]string{added}, chosen[at:]...)...)
			}
			text := ""
			for _, part := range chosen {
				text += parts[part]
			}
			return text, strings.Join(chosen, "+")
		}
		one, oneLabel := file("leaf", "middle")
		two, twoLabel := file("key")
		three, threeLabel := file("root")
		g.addFiles(label("combined ", i, ": ", oneLabel, ", ", twoLabel, ", ", threeLabel), one, two, three, b)
	}
	for i := range 300 {
		random := g.random(label("text", i))
		files := []*string{new(string), new(string), new(string)}
		*files[0], *files[1], *files[2] = certificate, key, authority
		for range 1 + random.below(3) {
			file := pick(random, files)
			*file = typo(random, *file)
		}
		g.addFiles(label("typing error ", i), *files[0], *files[1], *files[2], b)
	}
}

// typo is a small change, most often near a BEGIN or END line.
func typo(random *random, text string) string {
	at := random.below(len(text) + 1)
	if marks := indexes(text, pick(random, []string{"-----BEGIN", "-----END", "-----\n", "\n"})); len(marks) > 0 && random.chance(80) {
		at = min(max(pick(random, marks)+random.below(16)-4, 0), len(text))
	}
	switch random.below(3) {
	case 0:
		return text[:at] + text[min(at+1+random.below(2), len(text)):]
	case 1:
		end := min(at+1+random.below(12), len(text))
		return text[:end] + text[at:]
	}
	inserted := []string{"-", "--", " ", "\n", "\r", "\r\n", "\t", ":", "=", "A", "-----", "-----END ", "\n-----BEGIN ", "\x00", "\u00a0", "a: b\n"}
	return text[:at] + pick(random, inserted) + text[at:]
}

func indexes(text, pattern string) []int {
	var all []int
	for at := 0; ; at++ {
		next := strings.Index(text[at:], pattern)
		if next < 0 {
			return all
		}
		at += next
		all = append(all, at)
	}
}
