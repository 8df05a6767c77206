//! The mail server (`[mail]`): how to reach it, and who our mails come from.

use super::Settings;
use super::check::Checked;
use super::{check, redact};
use gateways::Secret;
use gateways::messaging::smtp::{Security, SmtpConfig, SmtpConfigError, SmtpGateway};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A mail server.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct MailSettings {
    pub host: String,
    /// The usual one of `security` when none.
    pub port: Option<u16>,
    #[serde(default, deserialize_with = "check::word")]
    pub security: Protection,
    pub login: Option<String>,
    #[serde(default, serialize_with = "redact::optional_secret")]
    pub password: Option<Secret>,
    /// The address that mails come from.
    pub from: String,
    /// The name beside it; the brand when none.
    pub from_name: Option<String>,
    /// A file of certificates that are trusted besides the system's own.
    pub extra_roots: Option<PathBuf>,
    /// What we call ourselves; the domain of `from` when none.
    pub hello_name: Option<String>,
}

/// How the connection is protected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Protection {
    #[default]
    StartTls,
    Implicit,
    /// Not at all; only to this machine.
    Plain,
}

impl MailSettings {
    /// What stands after the `@` of our mails.
    pub fn domain(&self) -> Option<&str> {
        self.from.rsplit_once('@').map(|(_, domain)| domain)
    }

    fn config(&self, brand: &str) -> Checked<SmtpConfig> {
        if self.host.is_empty() || self.host.chars().any(|c| c.is_whitespace() || c == '/') {
            return Err(format!("mail.host: {:?} is not a host", self.host));
        }
        if self.port == Some(0) {
            return Err("mail.port: is 0".into());
        }
        let (security, usual_port) = match self.security {
            Protection::StartTls => (Security::StartTls, 587),
            Protection::Implicit => (Security::Implicit, 465),
            Protection::Plain => (Security::Plain, 25),
        };
        let login = match (&self.login, &self.password) {
            (Some(login), Some(password)) => Some((login.clone(), password.clone())),
            (None, None) => None,
            (Some(_), None) => return Err("mail.password: is missing beside mail.login".into()),
            (None, Some(_)) => return Err("mail.login: is missing beside mail.password".into()),
        };
        let name = self.from_name.as_deref().unwrap_or(brand);
        let mut config = SmtpConfig::new(&self.host, &self.from, name);
        (config.port, config.security, config.login) = (self.port.unwrap_or(usual_port), security, login);
        config.extra_roots = self.roots()?;
        if let Some(hello) = &self.hello_name {
            config.hello_name.clone_from(hello);
        }
        Ok(config)
    }

    fn roots(&self) -> Checked<Option<String>> {
        let Some(path) = &self.extra_roots else { return Ok(None) };
        let shown = path.display();
        std::fs::read_to_string(path).map(Some).map_err(|e| format!("mail.extra_roots: {shown}: {e}"))
    }
}

impl Settings {
    /// The mail server, ready to be called, where there is one.
    pub fn mail_gateway(&self) -> Checked<Option<SmtpGateway>> {
        let Some(mail) = &self.mail else { return Ok(None) };
        let config = mail.config(&self.portal.brand)?;
        if self.demo && !config.stays_here() {
            return Err("mail.host: a demo sends mail to a server on this machine only".into());
        }
        SmtpGateway::new(config).map(Some).map_err(|e| {
            let key = match e {
                SmtpConfigError::PlainAbroad => "security",
                SmtpConfigError::FromAddress => "from",
                SmtpConfigError::HelloName => "hello_name",
                SmtpConfigError::ExtraRoots => "extra_roots",
                SmtpConfigError::Tls | SmtpConfigError::Limits => "host",
            };
            format!("mail.{key}: {e}")
        })
    }
}
