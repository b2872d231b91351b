extension ConnectionLines {
  /// A program with the Go client. `DialOptions` come after the client's own options, so these credentials are used in
  /// every version; they also replace the default options, which are therefore added again
  /// (https://github.com/milvus-io/milvus, `client/milvusclient`).
  var go: String {
    let identity = """

      \tcertificate, err := tls.LoadX509KeyPair(\(certificate), \(privateKey))
      \tif err != nil {
      \t\treturn nil, err
      \t}
      """
    let fields =
      [("RootCAs", "authorities"), ("ServerName", Self.literal(serverName))]
      + (needsIdentity ? [("Certificates", "[]tls.Certificate{certificate}")] : [])
    return """
      package main

      import (
      \t"context"
      \t"crypto/tls"
      \t"crypto/x509"
      \t"fmt"
      \t"log"
      \t"os"
      \t"time"

      \t"github.com/milvus-io/milvus/client/v2/milvusclient"
      \t"google.golang.org/grpc"
      \t"google.golang.org/grpc/credentials"
      )

      func connect(ctx context.Context) (*milvusclient.Client, error) {
      \tpem, err := os.ReadFile(\(authority))
      \tif err != nil {
      \t\treturn nil, err
      \t}
      \tauthorities := x509.NewCertPool()
      \tif !authorities.AppendCertsFromPEM(pem) {
      \t\treturn nil, fmt.Errorf("no certificate in %s", \(authority))
      \t}\(needsIdentity ? identity : "")
      \tsecured := credentials.NewTLS(&tls.Config{\(fields.map { "\($0.0): \($0.1)" }.joined(separator: ", "))})
      \treturn milvusclient.New(ctx, &milvusclient.ClientConfig{
      \t\tAddress:     \(Self.literal(url)),
      \t\tDialOptions: append([]grpc.DialOption{grpc.WithTransportCredentials(secured)}, milvusclient.DefaultGrpcOpts...),
      \t})
      }

      func main() {
      \tctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
      \tdefer cancel()
      \tclient, err := connect(ctx)
      \tif err != nil {
      \t\tlog.Fatal(err)
      \t}
      \tdefer client.Close(ctx)
      \tcollections, err := client.ListCollections(ctx, milvusclient.NewListCollectionOption())
      \tif err != nil {
      \t\tlog.Fatal(err)
      \t}
      \tfmt.Println(collections)
      }

      """
  }
}
