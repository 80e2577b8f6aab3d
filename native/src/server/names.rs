//! Names from the configuration that requests are compared with: hosts that the server goes by, and origins of
//! pages. Each is kept as requests say it, so that comparing is of bytes; what no request can say is refused.

use std::net::IpAddr;
use std::str::FromStr;

use warp::http::uri::{Authority, Uri};

/// A host that callers may know a server by: a name or an address, whatever the port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostName(String);

/// The origin of web pages: a scheme, a host, and a port unless it is the scheme's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

/// Why a text is no name: no request would ever say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// It has a port or a path, or is no host.
    #[error("expected a host name or an address without a port, such as vault.example")]
    Host,
    /// It has a path, even `/` alone, or lacks a scheme, or is `*` or `null`.
    #[error(
        "expected a scheme and a host without a path, such as https://app.example or http://localhost:3000"
    )]
    Origin,
}

impl HostName {
    /// The host of an authority, as it is compared.
    pub(super) fn of(authority: &Authority) -> Self {
        Self(canonical(authority.host()))
    }

    /// An address of the server itself.
    pub(super) fn of_ip(ip: IpAddr) -> Self {
        Self(ip.to_string())
    }
}

impl FromStr for HostName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        if let Ok(ip) = text.parse() {
            return Ok(Self::of_ip(ip));
        }
        let authority: Authority = text.parse().map_err(|_| NameError::Host)?;
        // It must be the host and nothing else: no port, no user, no pattern.
        let plain = authority.host() == text && !text.contains('*');
        if plain { Ok(Self::of(&authority)) } else { Err(NameError::Host) }
    }
}

impl Origin {
    /// What a browser says of a page in `Origin`.
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl FromStr for Origin {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let uri: Uri = text.parse().map_err(|_| NameError::Origin)?;
        let (scheme, authority) = uri.scheme_str().zip(uri.authority()).ok_or(NameError::Origin)?;
        let whole = text.len() == scheme.len() + "://".len() + authority.as_str().len();
        let odd = authority.as_str().contains(['@', '*']) || authority.as_str().ends_with(':');
        if !whole || odd || authority.host().is_empty() {
            return Err(NameError::Origin);
        }
        let own_port = matches!((scheme, authority.port_u16()), ("http", Some(80)) | ("https", Some(443)));
        let authority = if own_port { authority.host() } else { authority.as_str() };
        Ok(Self(format!("{scheme}://{authority}").to_ascii_lowercase()))
    }
}

/// A host as it is compared: an address in its shortest form, a name in lower case.
fn canonical(host: &str) -> String {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.parse::<IpAddr>().map_or_else(|_| host.to_ascii_lowercase(), |ip| ip.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_or_an_address_without_a_port() {
        let same = |text: &str, as_said: &str| {
            assert_eq!(text.parse::<HostName>().unwrap(), HostName::of(&as_said.parse().unwrap()), "{text}");
        };
        same("Vault.Example", "vault.example:8080");
        same("192.0.2.1", "192.0.2.1");
        same("2001:DB8::1", "[2001:db8:0::1]:15002");
        same("[2001:db8::1]", "[2001:db8::1]");
        for bad in ["name:8080", "[::1]:80", "https://name", "name/", "user@name", "", " name", "*", "*.name"]
        {
            assert_eq!(bad.parse::<HostName>(), Err(NameError::Host), "{bad:?}");
        }
    }

    #[test]
    fn an_origin_is_as_browsers_say_it() {
        let said = |text: &str| text.parse::<Origin>().map(|origin| origin.0);
        for (text, as_said) in [
            ("https://app.example", "https://app.example"),
            ("HTTPS://App.Example:443", "https://app.example"),
            ("http://localhost:3000", "http://localhost:3000"),
            ("http://app.example:443", "http://app.example:443"),
            ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
            ("chrome-extension://abcdef", "chrome-extension://abcdef"),
        ] {
            assert_eq!(said(text).as_deref(), Ok(as_said));
        }
        for bad in [
            "https://x/",
            "https://x/path",
            "https://x?y",
            "https://x#y",
            "app.example",
            "localhost:3000",
            "//x",
            "null",
            "*",
            "",
            "https://",
            "https://user@x",
            "https://*.example",
            "http://localhost:",
            "https://a b",
        ] {
            assert_eq!(said(bad), Err(NameError::Origin), "{bad:?}");
        }
    }
}
