//! The lines of one SMTP connection: commands, replies, and the content with its dots (RFC 5321, section 4.5.2).
//! A line ends with CRLF and nothing else, so that no content can smuggle a command.

use std::io;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// The longest command line, with room for addresses in UTF-8.
const LONGEST_COMMAND: u64 = 2_048;
/// How much of a content line is looked at at once.
const CHUNK: u64 = 8 * 1024;

/// A command line as it came.
pub enum Line {
    /// Without its end.
    Command(String),
    /// Too long, not UTF-8, or not ended by CRLF.
    Unreadable,
    /// The client has gone.
    End,
}

/// The content of a mail.
pub enum Content {
    /// With its dots as they were meant.
    Whole(Vec<u8>),
    /// It was read to its end and forgotten.
    TooLarge,
    /// The client went before its end.
    Cut,
}

/// A connection.
pub struct Wire(BufReader<TcpStream>);

impl Wire {
    pub fn new(stream: TcpStream) -> Self {
        Wire(BufReader::new(stream))
    }

    pub async fn say(&mut self, reply: &str) -> io::Result<()> {
        self.0.get_mut().write_all(format!("{reply}\r\n").as_bytes()).await
    }

    /// The next command.
    pub async fn command(&mut self) -> io::Result<Line> {
        let mut line = Vec::new();
        (&mut self.0).take(LONGEST_COMMAND).read_until(b'\n', &mut line).await?;
        if line.is_empty() {
            return Ok(Line::End);
        }
        if !line.ends_with(b"\n") && !self.skip_line().await? {
            return Ok(Line::End);
        }
        let Some(bare) = line.strip_suffix(b"\r\n") else { return Ok(Line::Unreadable) };
        Ok(String::from_utf8(bare.to_vec()).map_or(Line::Unreadable, Line::Command))
    }

    /// The rest of a line that is too long; false when the client has gone.
    async fn skip_line(&mut self) -> io::Result<bool> {
        loop {
            let mut rest = Vec::new();
            (&mut self.0).take(CHUNK).read_until(b'\n', &mut rest).await?;
            if rest.is_empty() || rest.ends_with(b"\n") {
                return Ok(!rest.is_empty());
            }
        }
    }

    /// Everything up to the line with one dot.
    pub async fn content(&mut self, most: usize) -> io::Result<Content> {
        self.acknowledge_at_once();
        let mut content = Vec::new();
        let (mut too_large, mut at_line_start) = (false, true);
        loop {
            let mut chunk = Vec::new();
            (&mut self.0).take(CHUNK).read_until(b'\n', &mut chunk).await?;
            if chunk.is_empty() {
                return Ok(Content::Cut);
            }
            if at_line_start && chunk == b".\r\n" {
                return Ok(if too_large { Content::TooLarge } else { Content::Whole(content) });
            }
            let stuffed = at_line_start && chunk.starts_with(b".");
            at_line_start = chunk.ends_with(b"\r\n");
            if content.len() + chunk.len() > most {
                (too_large, content) = (true, Vec::new());
            } else if !too_large {
                content.extend_from_slice(&chunk[usize::from(stuffed)..]);
            }
        }
    }

    /// A client that sends a mail's last line by itself waits for the acknowledgement of the lines before it, and
    /// those would be acknowledged 40 ms later only (tcp(7), `TCP_QUICKACK`).
    fn acknowledge_at_once(&self) {
        #[cfg(target_os = "linux")]
        if let Err(error) = rustix::net::sockopt::set_tcp_quickack(self.0.get_ref(), true) {
            tracing::debug!(%error, "mails take longer");
        }
    }

    /// Reads and says nothing until the client goes.
    pub async fn stay_silent(&mut self) {
        let mut unheard = [0_u8; 1_024];
        while self.0.read(&mut unheard).await.is_ok_and(|read| read > 0) {}
    }
}
