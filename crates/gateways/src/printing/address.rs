//! Where a printer is: an address in a shop's own network and a port of raw printing. Written by people, so anything
//! else in the world is refused: nobody may use us to reach other machines.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

/// Raw printing listens here (IANA: pdl-datastream).
const PORT: u16 = 9100;

/// A printer's address, such as `192.168.1.50` or `192.168.1.50:9101`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PrinterAddress(SocketAddr);

/// Why this is no printer's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    #[error("is not an IP address with or without a port, such as 192.168.1.50:9100")]
    Unreadable,
    #[error("is not in a private network: a printer stands in the shop's own")]
    Abroad,
    #[error("is not a printer's port: 9100 to 9109, or any from 1024 on this machine")]
    Port,
}

impl PrinterAddress {
    /// Takes only addresses of this machine and of private networks (RFC 1918, RFC 4193).
    pub fn new(address: SocketAddr) -> Result<PrinterAddress, BadAddress> {
        let ip = address.ip().to_canonical();
        let private = match ip {
            IpAddr::V4(ip) => ip.is_private(),
            IpAddr::V6(ip) => is_unique_local(ip),
        };
        if !private && !ip.is_loopback() {
            return Err(BadAddress::Abroad);
        }
        let port = address.port();
        let fits = (PORT..PORT + 10).contains(&port) || (ip.is_loopback() && port >= 1024);
        if fits { Ok(PrinterAddress(SocketAddr::new(ip, port))) } else { Err(BadAddress::Port) }
    }

    pub fn socket(self) -> SocketAddr {
        self.0
    }
}

fn is_unique_local(ip: Ipv6Addr) -> bool {
    ip.segments()[0] & 0xfe00 == 0xfc00
}

impl FromStr for PrinterAddress {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<PrinterAddress, BadAddress> {
        let text = text.trim();
        let alone = || text.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, PORT));
        let address = text.parse::<SocketAddr>().or_else(|_| alone()).map_err(|_| BadAddress::Unreadable)?;
        PrinterAddress::new(address)
    }
}

impl fmt::Display for PrinterAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_printer_stands_in_the_shops_own_network() {
        let at = |text: &str| text.parse::<PrinterAddress>().map(|at| at.to_string());
        assert_eq!(at("192.168.1.50"), Ok("192.168.1.50:9100".to_owned()));
        assert_eq!(at(" 10.0.0.7:9101 "), Ok("10.0.0.7:9101".to_owned()));
        assert_eq!(at("127.0.0.1:40123"), Ok("127.0.0.1:40123".to_owned()));
        for abroad in
            ["8.8.8.8", "169.254.169.254", "0.0.0.0:9100", "[fe80::1]:9100", "[::ffff:8.8.8.8]:9100"]
        {
            assert_eq!(at(abroad), Err(BadAddress::Abroad), "{abroad}");
        }
        assert_eq!(at("192.168.1.50:22"), Err(BadAddress::Port));
        assert_eq!(at("printer.example"), Err(BadAddress::Unreadable));
    }
}
