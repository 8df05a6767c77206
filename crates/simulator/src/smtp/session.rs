//! One connection to the mail server: its commands in their order (RFC 5321, section 4.1.4), and what it answers
//! to each. Start reading at [`serve`].

use std::time::Duration;

use tokio::net::TcpStream;

use super::fate::Fate;
use super::wire::{Content, Line, Wire};
use crate::ids;
use crate::mailbox;
use crate::world::Shared;

/// The largest mail (RFC 1870).
const MOST_MAIL: usize = 1024 * 1024;
/// The most recipients of one mail; RFC 5321, section 4.5.3.1.8, asks for 100.
const MOST_RECIPIENTS: usize = 100;
/// A client that says nothing for so long is gone (RFC 5321, section 4.5.3.2.7).
const LONGEST_SILENCE: Duration = Duration::from_secs(300);
/// How long an answer that never comes is withheld before the connection closes.
const LONGEST_WITHHELD: Duration = Duration::from_secs(60);
/// How long a slow answer takes.
const SLOW: Duration = Duration::from_secs(5);

/// What comes after a command.
enum Next {
    Say(String),
    TakeContent,
    Goodbye,
    Withhold,
    Close,
}

/// A conversation and the envelope it is in.
struct Session {
    world: Shared,
    greeted: bool,
    envelope: Option<Envelope>,
}

#[derive(Default)]
struct Envelope {
    utf8: bool,
    recipients: Vec<(String, Fate)>,
}

/// Talks with one client to the end.
pub async fn serve(world: Shared, stream: TcpStream) {
    let mut session = Session { world: world.clone(), greeted: false, envelope: None };
    let mut wire = Wire::new(stream);
    tokio::select! {
        // The end of a connection needs no words: the client sees it.
        _ = session.talk(&mut wire) => {}
        () = world.shutdown.cancelled() => {}
    }
}

fn say(reply: &str) -> Next {
    Next::Say(reply.to_owned())
}

impl Session {
    async fn talk(&mut self, wire: &mut Wire) -> std::io::Result<()> {
        wire.say("220 simulator.localhost ESMTP; no mail leaves this machine").await?;
        loop {
            let Ok(line) = tokio::time::timeout(LONGEST_SILENCE, wire.command()).await else {
                return wire.say("421 4.4.2 nothing was said for too long").await;
            };
            let next = match line? {
                Line::Command(line) => self.command(&line),
                Line::Unreadable => say("500 5.5.2 that is no command line"),
                Line::End => return Ok(()),
            };
            match next {
                Next::Say(reply) => wire.say(&reply).await?,
                Next::TakeContent => {
                    wire.say("354 the mail, please; end with a line that is one dot").await?;
                    if !self.content(wire).await? {
                        return Ok(());
                    }
                }
                Next::Goodbye => return wire.say("221 2.0.0 goodbye").await,
                Next::Withhold => {
                    withhold(wire).await;
                    return Ok(());
                }
                Next::Close => return Ok(()),
            }
        }
    }

    fn command(&mut self, line: &str) -> Next {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" if !rest.trim().is_empty() => {
                (self.greeted, self.envelope) = (true, None);
                Next::Say(format!(
                    "250-simulator.localhost\r\n250-SIZE {MOST_MAIL}\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n\
                     250 ENHANCEDSTATUSCODES"
                ))
            }
            "HELO" if !rest.trim().is_empty() => {
                (self.greeted, self.envelope) = (true, None);
                say("250 simulator.localhost")
            }
            "EHLO" | "HELO" => say("501 5.5.4 who are you?"),
            "MAIL" => self.mail(rest),
            "RCPT" => self.recipient(rest),
            "DATA" if !rest.is_empty() => say("501 5.5.4 DATA stands alone"),
            "DATA" => match &self.envelope {
                None => say("503 5.5.1 MAIL first"),
                Some(envelope) if envelope.recipients.is_empty() => say("554 5.5.1 no valid recipients"),
                Some(_) => Next::TakeContent,
            },
            "RSET" => {
                self.envelope = None;
                say("250 2.0.0 forgotten")
            }
            "NOOP" => say("250 2.0.0 still here"),
            "VRFY" => say("252 2.1.5 send it and see"),
            "QUIT" => Next::Goodbye,
            _ => say("500 5.5.1 that command is not known here"),
        }
    }

    /// `MAIL FROM:<reverse-path> [parameters]`
    fn mail(&mut self, rest: &str) -> Next {
        if !self.greeted || self.envelope.is_some() {
            return say("503 5.5.1 not now");
        }
        let Some((address, parameters)) = path(rest, "FROM:") else {
            return say("501 5.5.4 MAIL FROM:<address>, please");
        };
        let mut envelope = Envelope::default();
        for parameter in parameters.split_whitespace() {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            match (name.to_ascii_uppercase().as_str(), value.to_ascii_uppercase().as_str()) {
                ("SIZE", size) => match size.parse::<usize>() {
                    Ok(size) if size > MOST_MAIL => return say("552 5.3.4 too large"),
                    Ok(_) => {}
                    Err(_) => return say("501 5.5.4 SIZE is a number"),
                },
                ("BODY", "7BIT" | "8BITMIME") => {}
                ("SMTPUTF8", "") => envelope.utf8 = true,
                _ => return say("555 5.5.4 a parameter is not known here"),
            }
        }
        // An empty path is allowed: it is how bounces travel.
        if !address.is_empty() && !is_address(address) {
            return say("553 5.1.7 that is no address");
        }
        if !address.is_ascii() && !envelope.utf8 {
            return say("550 5.6.7 SMTPUTF8 is needed for that address");
        }
        self.envelope = Some(envelope);
        say("250 2.1.0 a fine sender")
    }

    /// `RCPT TO:<forward-path>`
    fn recipient(&mut self, rest: &str) -> Next {
        let Some(envelope) = &mut self.envelope else { return say("503 5.5.1 MAIL first") };
        let Some((address, "")) = path(rest, "TO:") else {
            return say("501 5.5.4 RCPT TO:<address>, please");
        };
        if !is_address(address) {
            return say("553 5.1.3 that is no address");
        }
        if !address.is_ascii() && !envelope.utf8 {
            return say("550 5.6.7 SMTPUTF8 is needed for that address");
        }
        if envelope.recipients.len() >= MOST_RECIPIENTS {
            return say("452 4.5.3 too many recipients");
        }
        match Fate::of(&self.world, address) {
            Err(_) => say("451 4.3.0 the simulator's books"),
            Ok(Fate::Refused) => Next::Say(format!("550 5.1.1 <{address}> is refused")),
            Ok(Fate::Greylisted) => Next::Say(format!("451 4.7.1 <{address}> is greylisted, come back")),
            Ok(Fate::SilentBefore) => Next::Withhold,
            Ok(Fate::LostBefore) => Next::Close,
            Ok(fate) => {
                envelope.recipients.push((address.to_owned(), fate));
                say("250 2.1.5 a fine recipient")
            }
        }
    }

    /// Takes the content, and answers as its recipients' fates say; false when there is no more to say.
    async fn content(&mut self, wire: &mut Wire) -> std::io::Result<bool> {
        let envelope = self.envelope.take().unwrap_or_default();
        let Ok(content) = tokio::time::timeout(LONGEST_SILENCE, wire.content(MOST_MAIL)).await else {
            return Ok(false);
        };
        let octets = match content? {
            Content::Whole(octets) => octets,
            Content::TooLarge => return wire.say("552 5.3.4 too large").await.map(|()| true),
            Content::Cut => return Ok(false),
        };
        // The first that is out of the ordinary decides about the one answer there is.
        let fates = envelope.recipients.iter().map(|(_, fate)| *fate);
        let decides = fates.clone().find(|fate| !matches!(fate, Fate::Taken | Fate::Twice));
        if decides == Some(Fate::Held) {
            let mut released = self.world.released.subscribe();
            if released.changed().await.is_err() {
                return Ok(false);
            }
        }
        if !self.deliver(&envelope, &octets) {
            return wire.say("451 4.3.0 the simulator's books").await.map(|()| true);
        }
        let taken = format!("250 2.0.0 Ok: queued as {}", ids::random("", 12));
        let reply = match decides.unwrap_or(Fate::Taken) {
            Fate::Slow => {
                tokio::time::sleep(SLOW).await;
                taken
            }
            Fate::SilentAfter => {
                withhold(wire).await;
                return Ok(false);
            }
            Fate::LostAfter => return Ok(false),
            Fate::RefusedAfter => "554 5.7.1 refused, it says".to_owned(),
            Fate::UnknownAnswer => "299 2.0.0 a reply that nobody knows".to_owned(),
            Fate::Taken | Fate::Twice | Fate::Held => taken,
            // These never came so far.
            Fate::Refused | Fate::Greylisted | Fate::SilentBefore | Fate::LostBefore => taken,
        };
        wire.say(&reply).await.map(|()| true)
    }

    fn deliver(&self, envelope: &Envelope, octets: &[u8]) -> bool {
        let done = self.world.write(|books| {
            for (recipient, fate) in &envelope.recipients {
                for _ in 0..fate.copies() {
                    mailbox::receive(books, recipient, octets)?;
                }
            }
            Ok(())
        });
        done.is_ok()
    }
}

/// Says nothing until the client gives up or a minute has passed.
async fn withhold(wire: &mut Wire) {
    // Whether it gave up or the time did is all the same.
    let _ = tokio::time::timeout(LONGEST_WITHHELD, wire.stay_silent()).await;
}

/// `KEYWORD:<address>` and what follows.
fn path<'l>(rest: &'l str, keyword: &str) -> Option<(&'l str, &'l str)> {
    let (found, path) = rest.split_at_checked(keyword.len())?;
    let (address, parameters) = path.strip_prefix('<')?.split_once('>')?;
    found.eq_ignore_ascii_case(keyword).then_some((address, parameters.trim()))
}

fn is_address(text: &str) -> bool {
    let plain = text.len() <= 254 && !text.chars().any(|c| c.is_control() || c.is_whitespace() || c == '<');
    plain && text.rsplit_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty())
}
