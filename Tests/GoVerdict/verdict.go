package main

import (
	"crypto"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"os"
	"syscall"
	"time"
)

// Verdict is what Go makes of three files; the texts are its errors, empty where it has none.
type Verdict struct {
	// Whether a server can start with certificate and key.
	Pair string `json:"pair"`
	// Whether a server that verifies clients finds a CA.
	HasPool bool `json:"hasPool"`
	// Whether a client connects that trusts the very certificate, under whatever name.
	Reached string `json:"reached"`
	// Whether a client connects that trusts the CA, under the host's name: internal TLS.
	Internal string `json:"internal"`
	// Whether a server that trusts the CA takes certificate and key from a client.
	Client string `json:"client"`
	// Whether the certificate is for each of some names; only where it can be read.
	Covers map[string]bool `json:"covers"`
}

func judge(files Case, hosts []string) Verdict {
	var verdict Verdict
	pool := x509.NewCertPool()
	verdict.HasPool = pool.AppendCertsFromPEM(files.Authority)
	pair, err := tls.X509KeyPair(files.Certificate, files.Key)
	if key, ok := pair.PrivateKey.(*rsa.PrivateKey); ok && err == nil && len(key.Primes) > 2 {
		// Go does not check such a key before it signs.
		_, err = key.Sign(nil, make([]byte, 32), crypto.SHA256)
	}
	verdict.Pair = text(err)
	if err != nil {
		verdict.Reached, verdict.Internal, verdict.Client = verdict.Pair, verdict.Pair, verdict.Pair
		return verdict
	}
	clock := func() time.Time { return time.Unix(files.Now, 0) }
	server := &tls.Config{Certificates: []tls.Certificate{pair}, Time: clock}
	trusting := &tls.Config{Time: clock, InsecureSkipVerify: true, VerifyConnection: func(state tls.ConnectionState) error {
		leaf := state.PeerCertificates[0]
		roots := x509.NewCertPool()
		roots.AddCert(leaf)
		_, err := leaf.Verify(x509.VerifyOptions{Roots: roots, CurrentTime: clock()})
		return err
	}}
	verdict.Reached = text(connect(trusting, server))
	verdict.Internal = text(connect(&tls.Config{RootCAs: pool, ServerName: files.Host, Time: clock}, server))
	mutual := &tls.Config{
		Certificates: []tls.Certificate{honest}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool, Time: clock,
	}
	client := &tls.Config{
		Time: clock, InsecureSkipVerify: true,
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &pair, nil },
	}
	verdict.Client = text(connect(client, mutual))
	verdict.Covers = map[string]bool{}
	for _, host := range hosts {
		verdict.Covers[host] = pair.Leaf.VerifyHostname(host) == nil
	}
	return verdict
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// honest is the pair of a server without a fault.
var honest = func() tls.Certificate {
	certificate, key, _ := newBundle(false).files()
	pair, err := tls.X509KeyPair([]byte(certificate), []byte(key))
	check(err)
	return pair
}()

// connect makes a handshake over a socket and returns the errors of both sides.
func connect(client, server *tls.Config) error {
	descriptors, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	check(err)
	open := func(descriptor int) net.Conn {
		file := os.NewFile(uintptr(descriptor), "socket")
		defer file.Close()
		connection, err := net.FileConn(file)
		check(err)
		return connection
	}
	clientSide, serverSide := open(descriptors[0]), open(descriptors[1])
	failed := make(chan error)
	go func() {
		defer serverSide.Close()
		failed <- tls.Server(serverSide, server).Handshake()
	}()
	clientError := tls.Client(clientSide, client).Handshake()
	if clientError != nil {
		clientSide.Close()
	}
	serverError := <-failed
	clientSide.Close()
	return errors.Join(clientError, serverError)
}
