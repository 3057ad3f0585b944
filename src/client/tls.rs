//! Which certificate authorities a `wss://` connection trusts: the machine's, or a company's own.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::ring};

/// Why there is no TLS configuration.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file of `--ca-file` cannot be read, or contains no certificate.
    #[error("read certificates from {}: {reason}", path.display())]
    CaFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// There is no certificate authority to trust, so no server's certificate could be accepted.
    #[error(
        "find certificate authorities to trust: this machine has none{reason}; name a PEM file of them with --ca-file"
    )]
    NoAuthority {
        /// Why there are none, in parentheses, if known.
        reason: String,
    },
    /// The TLS library refused its own defaults.
    #[error("set up TLS: {0}")]
    Library(#[from] tokio_rustls::rustls::Error),
}

/// Trusts the authorities of `ca_file` (PEM) besides the machine's own, which are only looked up
/// where the connection is to be `secure`.
///
/// # Errors
///
/// [`Error::CaFile`] where the file cannot be read or contains no certificate; [`Error::NoAuthority`] where
/// the connection is to be `secure`, and neither the machine nor the file has one.
pub fn config(ca_file: Option<&Path>, secure: bool) -> Result<Arc<ClientConfig>, Error> {
    let mut roots = RootCertStore::empty();
    let mut trouble = None;
    if secure {
        // A machine without authorities can still reach servers of `--ca-file`.
        let native = rustls_native_certs::load_native_certs();
        roots.add_parsable_certificates(native.certs);
        trouble = native.errors.into_iter().next();
    }
    if let Some(path) = ca_file {
        let wrong = |reason: String| Error::CaFile {
            path: path.to_owned(),
            reason,
        };
        let certificates = CertificateDer::pem_file_iter(path)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| wrong(error.to_string()))?;
        if certificates.is_empty() {
            return Err(wrong(
                "no certificate in it; a PEM file is expected".to_owned(),
            ));
        }
        for certificate in certificates {
            roots
                .add(certificate)
                .map_err(|error| wrong(error.to_string()))?;
        }
    }
    if secure && roots.is_empty() {
        let reason = trouble.map_or_else(String::new, |error| format!(" ({error})"));
        return Err(Error::NoAuthority { reason });
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}
