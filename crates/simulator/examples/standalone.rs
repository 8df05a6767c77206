//! The simulator alone, for the judges in tests/judges and for a look with curl.
//! `cargo run -p simulator --example standalone [HTTP_PORT [SMPP_PORT [PRINTER_PORT]]]`; ends with Ctrl-C.

use std::net::{Ipv4Addr, SocketAddr};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut ports = std::env::args().skip(1).map(|port| port.parse::<u16>());
    let http: u16 = ports.next().transpose()?.unwrap_or(12_111);
    let smpp: u16 = ports.next().transpose()?.unwrap_or(2_775);
    let printer: u16 = ports.next().transpose()?.unwrap_or(9_100);
    let on = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let running = simulator::start(simulator::Config {
        http_listen: on(http),
        smpp_listen: on(smpp),
        data: None,
        public_base_url: None,
        api_key: "sk_test_simulator".to_owned(),
        webhook: None,
        smpp_system_id: "recarga".to_owned(),
        smpp_password: "secret".to_owned(),
    })
    .await?;
    let printer = running.listen_printer(on(printer)).await?;
    println!("http://{} smpp://{} printer {printer}", running.http_addr, running.smpp_addr);
    tokio::signal::ctrl_c().await?;
    running.stop().await;
    Ok(())
}
