// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "net/http/tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <boost/asio/this_coro.hpp>
#include <vector>

#include "base/status.h"
#include "net/async/timer.h"

namespace synoptic::net::internal {

class TlsContext {
 public:
  explicit TlsContext(const SSL_METHOD* method) : context_(SSL_CTX_new(method)) {}
  ~TlsContext() { SSL_CTX_free(context_); }
  SSL_CTX* get() const { return context_; }
  bool verify = true;
  // Reading the system's authorities takes some 50 ms: done before the first handshake only.
  bool load_system_store = false;
  std::string server_name;

 private:
  SSL_CTX* const context_;
};

namespace {

std::string LastError() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return "unknown error";
  const char* reason = ERR_reason_error_string(code);
  return reason != nullptr ? reason : "unknown error";
}

struct BioFree {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
struct X509Free {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
struct KeyFree {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Bio = std::unique_ptr<BIO, BioFree>;
using Certificate = std::unique_ptr<X509, X509Free>;

std::vector<Certificate> ReadCertificates(const std::string& pem) {
  Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  std::vector<Certificate> certificates;
  while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    certificates.emplace_back(certificate);
  }
  ERR_clear_error();
  return certificates;
}

absl::Status UseIdentity(SSL_CTX* context, const std::string& chain, const std::string& key_pem) {
  const auto certificates = ReadCertificates(chain);
  if (certificates.empty()) {
    return InvalidArgument("certificate: expected at least one PEM certificate, found none");
  }
  if (SSL_CTX_use_certificate(context, certificates[0].get()) != 1) {
    return InvalidArgument("certificate: {}", LastError());
  }
  for (size_t i = 1; i < certificates.size(); ++i) {
    SSL_CTX_add1_chain_cert(context, certificates[i].get());
  }
  Bio bio(BIO_new_mem_buf(key_pem.data(), static_cast<int>(key_pem.size())));
  // An empty passphrase: an encrypted key fails here instead of asking on the terminal.
  char no_passphrase[] = "";
  std::unique_ptr<EVP_PKEY, KeyFree> key(
      PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, no_passphrase));
  if (key == nullptr || SSL_CTX_use_PrivateKey(context, key.get()) != 1) {
    return InvalidArgument("private key: {}", LastError());
  }
  if (SSL_CTX_check_private_key(context) != 1) {
    return InvalidArgument("private key does not belong to the certificate");
  }
  return absl::OkStatus();
}

absl::Status UseAuthorities(SSL_CTX* context, const std::string& pem) {
  const auto certificates = ReadCertificates(pem);
  if (certificates.empty()) {
    return InvalidArgument("CA: expected at least one PEM certificate, found none");
  }
  for (const auto& certificate : certificates) {
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate.get());
  }
  return absl::OkStatus();
}

void Harden(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(
      context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_max_cert_list(context, 64 << 10);
}

// Plain text on this side, records on the stream's side; OpenSSL between two memory buffers.
class TlsStream final : public ByteStream {
 public:
  TlsStream(std::shared_ptr<TlsContext> context, std::unique_ptr<ByteStream> stream)
      : context_(std::move(context)), stream_(std::move(stream)), ssl_(SSL_new(context_->get())) {
    incoming_ = BIO_new(BIO_s_mem());
    outgoing_ = BIO_new(BIO_s_mem());
    SSL_set_bio(ssl_, incoming_, outgoing_);  // owned by ssl_ from here
  }
  ~TlsStream() override { SSL_free(ssl_); }

  SSL* ssl() { return ssl_; }

  Task<> Handshake() {
    while (true) {
      ERR_clear_error();
      const int result = SSL_do_handshake(ssl_);
      const int error = SSL_get_error(ssl_, result);
      CO_RETURN_IF_ERROR(co_await Flush());  // also the alert of a failure
      if (result == 1) co_return absl::OkStatus();
      if (error != SSL_ERROR_WANT_READ) co_return HandshakeError();
      CO_ASSIGN_OR_RETURN(const size_t n, co_await Fill());
      if (n == 0) co_return absl::UnavailableError("TLS handshake: connection closed");
    }
  }

  Task<size_t> ReadSome(char* into, size_t size) override {
    while (true) {
      ERR_clear_error();
      const int result = SSL_read(ssl_, into, static_cast<int>(std::min<size_t>(size, 1 << 30)));
      if (result > 0) co_return static_cast<size_t>(result);
      const int error = SSL_get_error(ssl_, result);
      CO_RETURN_IF_ERROR(co_await Flush());
      if (error == SSL_ERROR_ZERO_RETURN) co_return 0;
      if (error != SSL_ERROR_WANT_READ) {
        co_return MakeStatus(absl::StatusCode::kUnavailable, "TLS: {}", LastError());
      }
      CO_ASSIGN_OR_RETURN(const size_t n, co_await Fill());
      if (n == 0) co_return 0;  // HTTP's own framing tells whether something is missing
    }
  }

  Task<size_t> WriteSome(std::string_view a, std::string_view b) override {
    const std::string_view part = a.empty() ? b : a;
    ERR_clear_error();
    const int result =
        SSL_write(ssl_, part.data(), static_cast<int>(std::min<size_t>(part.size(), 64 << 10)));
    if (result <= 0) co_return MakeStatus(absl::StatusCode::kUnavailable, "TLS: {}", LastError());
    CO_RETURN_IF_ERROR(co_await Flush());
    co_return static_cast<size_t>(result);
  }

  size_t TryWrite(std::string_view, std::string_view) override { return 0; }

  void ShutdownWrite() override {
    ERR_clear_error();
    SSL_shutdown(ssl_);  // close_notify, as far as it goes without waiting
    char* data = nullptr;
    const long size = BIO_get_mem_data(outgoing_, &data);
    if (size > 0) stream_->TryWrite({data, static_cast<size_t>(size)}, {});
    stream_->ShutdownWrite();
  }
  void Close() override { stream_->Close(); }
  Sight Look() override {
    // Also records that came with the last ones and were not opened yet.
    if (SSL_pending(ssl_) > 0 || BIO_ctrl_pending(incoming_) > 0) return Sight::kInput;
    return stream_->Look();
  }
  const std::string& peer() const override { return stream_->peer(); }

 private:
  absl::Status HandshakeError() {
    const long verdict = SSL_get_verify_result(ssl_);
    if (verdict != X509_V_OK) {
      ERR_clear_error();
      return MakeStatus(absl::StatusCode::kUnavailable, "TLS handshake: certificate: {}",
                        X509_verify_cert_error_string(verdict));
    }
    return MakeStatus(absl::StatusCode::kUnavailable, "TLS handshake: {}", LastError());
  }

  // Sends what OpenSSL wants sent.
  Task<> Flush() {
    char* data = nullptr;
    const long size = BIO_get_mem_data(outgoing_, &data);
    if (size <= 0) co_return absl::OkStatus();
    const std::string records(data, static_cast<size_t>(size));
    BIO_reset(outgoing_);
    co_return co_await WriteAll(*stream_, records);
  }

  // Gives OpenSSL more to read.
  Task<size_t> Fill() {
    if (buffer_ == nullptr) buffer_ = std::make_unique<char[]>(kBufferBytes);
    CO_ASSIGN_OR_RETURN(const size_t n, co_await stream_->ReadSome(buffer_.get(), kBufferBytes));
    if (n > 0) BIO_write(incoming_, buffer_.get(), static_cast<int>(n));
    co_return n;
  }

  static constexpr size_t kBufferBytes = 16 << 10;
  const std::shared_ptr<TlsContext> context_;
  const std::unique_ptr<ByteStream> stream_;
  SSL* const ssl_;
  BIO* incoming_;
  BIO* outgoing_;
  std::unique_ptr<char[]> buffer_;
};

Task<std::unique_ptr<ByteStream>> Shake(std::unique_ptr<TlsStream> tls, const Clock& clock,
                                        Deadline deadline) {
  Timer timer(co_await boost::asio::this_coro::executor, clock);
  bool late = false;
  timer.Start(deadline.at(), [&late, stream = tls.get()] {
    late = true;
    stream->Close();
  });
  const absl::Status status = co_await tls->Handshake();
  if (late) co_return absl::UnavailableError("TLS handshake: timed out");
  CO_RETURN_IF_ERROR(status);
  co_return std::move(tls);
}

}  // namespace

absl::StatusOr<std::shared_ptr<TlsContext>> NewClientTls(const TlsOptions& options) {
  auto context = std::make_shared<TlsContext>(TLS_client_method());
  Harden(context->get());
  context->verify = !options.insecure_skip_verify;
  context->server_name = options.server_name;
  // Real chains have two or three links between a server and its authority.
  constexpr int kMaxChain = 10;
  SSL_CTX_set_verify_depth(context->get(), kMaxChain);
  SSL_CTX_set_verify(context->get(), context->verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  if (!options.ca_pem.empty()) {
    RETURN_IF_ERROR(UseAuthorities(context->get(), options.ca_pem));
  } else {
    context->load_system_store = context->verify;
  }
  if (options.certificate_pem.empty() != options.private_key_pem.empty()) {
    return InvalidArgument("a certificate and its private key must be given together");
  }
  if (!options.certificate_pem.empty()) {
    RETURN_IF_ERROR(UseIdentity(context->get(), options.certificate_pem, options.private_key_pem));
  }
  return context;
}

absl::StatusOr<std::shared_ptr<TlsContext>> NewServerTls(const TlsServerOptions& options) {
  auto context = std::make_shared<TlsContext>(TLS_server_method());
  Harden(context->get());
  RETURN_IF_ERROR(UseIdentity(context->get(), options.certificate_pem, options.private_key_pem));
  if (!options.client_ca_pem.empty()) {
    RETURN_IF_ERROR(UseAuthorities(context->get(), options.client_ca_pem));
    SSL_CTX_set_verify(context->get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    static constexpr unsigned char kSessionContext[] = "synoptic";
    SSL_CTX_set_session_id_context(context->get(), kSessionContext, sizeof kSessionContext - 1);
  }
  return context;
}

Task<std::unique_ptr<ByteStream>> TlsConnect(std::shared_ptr<TlsContext> context,
                                             std::unique_ptr<ByteStream> stream,
                                             std::string server_name, const Clock& clock,
                                             Deadline deadline) {
  if (!context->server_name.empty()) server_name = context->server_name;
  if (std::exchange(context->load_system_store, false)) {
    SSL_CTX_set_default_verify_paths(context->get());
  }
  // OpenSSL takes no name for any name.
  if (context->verify && server_name.empty()) {
    co_return InvalidArgument("TLS: there is no server name to check the certificate against");
  }
  auto tls = std::make_unique<TlsStream>(context, std::move(stream));
  SSL_set_connect_state(tls->ssl());
  X509_VERIFY_PARAM* verification = SSL_get0_param(tls->ssl());
  // An address is checked against the certificate's addresses, a name against its names.
  if (X509_VERIFY_PARAM_set1_ip_asc(verification, server_name.c_str()) != 1) {
    SSL_set_tlsext_host_name(tls->ssl(), server_name.c_str());
    SSL_set_hostflags(tls->ssl(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (SSL_set1_host(tls->ssl(), server_name.c_str()) != 1) {
      co_return InvalidArgument("TLS: \"{}\" is not a name that a certificate could have",
                                server_name);
    }
  }
  co_return co_await Shake(std::move(tls), clock, deadline);
}

Task<std::unique_ptr<ByteStream>> TlsAccept(std::shared_ptr<TlsContext> context,
                                            std::unique_ptr<ByteStream> stream, const Clock& clock,
                                            Deadline deadline) {
  auto tls = std::make_unique<TlsStream>(std::move(context), std::move(stream));
  SSL_set_accept_state(tls->ssl());
  return Shake(std::move(tls), clock, deadline);
}

}  // namespace synoptic::net::internal
