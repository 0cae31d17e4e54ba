//! Owns TLS to a database, over rustls: how far a certificate is looked at, as libpq's `sslmode` says. Knows no protocol.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream as Rustls;

use crate::model::fault::{Fault, FaultKind};

use super::address::{Address, Trust};

/// Makes TLS connections.
#[derive(Clone)]
pub struct Connector(Arc<ClientConfig>);

impl Connector {
    /// A connector for an address.
    ///
    /// # Errors
    /// When the authorities that it names cannot be read.
    pub fn new(address: &Address) -> Result<Self, Fault> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = verifier(address, &provider)?;
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|problem| cannot(&problem.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        Ok(Self(Arc::new(config)))
    }
}

fn cannot(why: &str) -> Fault {
    Fault::new(
        FaultKind::Missing,
        format!("certificates of a database cannot be looked at: {why}"),
        "install the system's CA certificates, or name the authority's file in sslrootcert",
    )
}

fn verifier(
    address: &Address,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, Fault> {
    let chain: Option<Arc<dyn ServerCertVerifier>> = match (address.trust, &address.authorities) {
        (Trust::Anybody, _) => None,
        (_, Some(file)) => {
            let mut roots = RootCertStore::empty();
            let read = CertificateDer::pem_file_iter(file)
                .map_err(|problem| cannot(&format!("{}: {problem}", file.display())))?;
            for one in read {
                let one =
                    one.map_err(|problem| cannot(&format!("{}: {problem}", file.display())))?;
                roots
                    .add(one)
                    .map_err(|problem| cannot(&problem.to_string()))?;
            }
            let built =
                WebPkiServerVerifier::builder_with_provider(roots.into(), Arc::clone(provider));
            Some(
                built
                    .build()
                    .map_err(|problem| cannot(&problem.to_string()))?,
            )
        }
        (_, None) => {
            let system = rustls_platform_verifier::Verifier::new(Arc::clone(provider));
            Some(Arc::new(
                system.map_err(|problem| cannot(&problem.to_string()))?,
            ))
        }
    };
    Ok(match (address.trust, chain) {
        (Trust::Host, Some(chain)) => chain,
        (_, chain) => Arc::new(Lax {
            chain,
            provider: Arc::clone(provider),
        }),
    })
}

/// Looks at the authority alone, or at nothing but that the other side holds the key of its certificate.
#[derive(Debug)]
struct Lax {
    chain: Option<Arc<dyn ServerCertVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Lax {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(chain) = &self.chain else {
            return Ok(ServerCertVerified::assertion());
        };
        match chain.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

/// A connector for one host.
pub struct ForHost {
    connector: TlsConnector,
    host: ServerName<'static>,
}

impl<S> MakeTlsConnect<S> for Connector
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Stream = Stream<S>;
    type TlsConnect = ForHost;
    type Error = rustls::pki_types::InvalidDnsNameError;

    fn make_tls_connect(&mut self, domain: &str) -> Result<ForHost, Self::Error> {
        Ok(ForHost {
            connector: TlsConnector::from(Arc::clone(&self.0)),
            // An address of a socket's file is no name, and TLS is not spoken there.
            host: ServerName::try_from(if domain.is_empty() {
                "localhost"
            } else {
                domain
            })?
            .to_owned(),
        })
    }
}

impl<S> TlsConnect<S> for ForHost
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Stream = Stream<S>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Stream<S>>> + Send>>;

    fn connect(self, stream: S) -> Self::Future {
        Box::pin(async move {
            let connected = self.connector.connect(self.host, stream).await?;
            Ok(Stream(Box::new(connected)))
        })
    }
}

/// An encrypted stream.
pub struct Stream<S>(Box<Rustls<S>>);

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream for Stream<S> {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Stream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0).poll_read(cx, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Stream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0).poll_shutdown(cx)
    }
}
