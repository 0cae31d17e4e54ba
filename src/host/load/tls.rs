//! Owns TLS to a service: the system's authorities decide, and what certificate was shown is remembered. Knows no protocol.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::check::target::Target;
use crate::model::fault::{Fault, FaultKind};

/// What the other side showed.
#[derive(Clone, Debug, Default)]
pub(super) struct Shown {
    /// Its certificate, as DER.
    pub(super) certificate: Option<Vec<u8>>,
    /// Why that is not to be trusted.
    pub(super) distrust: Option<String>,
}

/// Makes TLS connections to one host.
#[derive(Debug)]
pub(super) struct Secure {
    name: ServerName<'static>,
    /// The system's authorities, read once.
    verifier: Arc<dyn ServerCertVerifier>,
}

impl Secure {
    /// What a service needs; nothing where it speaks plain HTTP.
    ///
    /// # Errors
    /// When there are no authorities to check a certificate by.
    pub(super) fn of(target: &Target) -> Result<Option<Self>, Fault> {
        target.tls().then(|| Self::new(target.host())).transpose()
    }

    fn new(host: &str) -> Result<Self, Fault> {
        let cannot = |why: String| {
            Fault::new(
                FaultKind::Missing,
                format!("the certificate of {host} cannot be checked: {why}"),
                "install the system's CA certificates, or name a bundle in SSL_CERT_FILE",
            )
        };
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| cannot("it is no name of a host".to_owned()))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = rustls_platform_verifier::Verifier::new(provider)
            .map_err(|problem| cannot(problem.to_string()))?;
        let verifier = Arc::new(verifier);
        Ok(Self { name, verifier })
    }

    /// Speaks TLS over a connection. What was shown is told in any case.
    pub(super) async fn connect(
        &self,
        stream: TcpStream,
    ) -> (io::Result<TlsStream<TcpStream>>, Shown) {
        let watcher = Arc::new(Watcher {
            inner: Arc::clone(&self.verifier),
            shown: Mutex::default(),
        });
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other);
        let config = match config {
            Ok(config) => config
                .dangerous()
                .with_custom_certificate_verifier(Arc::<Watcher>::clone(&watcher))
                .with_no_client_auth(),
            Err(problem) => return (Err(problem), Shown::default()),
        };
        let connector = TlsConnector::from(Arc::new(config));
        let stream = connector.connect(self.name.clone(), stream).await;
        let shown = watcher.shown.lock().unwrap_or_else(PoisonError::into_inner);
        (stream, shown.clone())
    }
}

/// Lets another judge, and remembers what was shown and why it was refused. It never takes what the other refuses.
#[derive(Debug)]
struct Watcher {
    inner: Arc<dyn ServerCertVerifier>,
    shown: Mutex<Shown>,
}

impl ServerCertVerifier for Watcher {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let judged = self.inner.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        );
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.certificate = Some(end_entity.as_ref().to_vec());
        shown.distrust = judged.as_ref().err().map(ToString::to_string);
        judged
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}
