//! What people attach to a question: which kind it is, by its content, and pictures without what cameras write into
//! them (place, time, device). Pixels stay as they are; what follows the end of a picture is dropped. Start reading
//! at [`without_metadata`].

use domain::support_case::FileKind;

/// What the first bytes say; names and media types are not asked.
pub fn kind_of(bytes: &[u8]) -> Option<FileKind> {
    match bytes {
        [0xff, 0xd8, 0xff, ..] => Some(FileKind::Jpeg),
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some(FileKind::Png),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(FileKind::Webp),
        [b'%', b'P', b'D', b'F', b'-', ..] => Some(FileKind::Pdf),
        _ => None,
    }
}

/// The same picture without its metadata; `None` when it is damaged. A PDF stays as it is.
pub fn without_metadata(kind: FileKind, bytes: &[u8]) -> Option<Vec<u8>> {
    match kind {
        FileKind::Jpeg => jpeg(bytes),
        FileKind::Png => png(bytes),
        FileKind::Webp => webp(bytes),
        FileKind::Pdf => Some(bytes.to_vec()),
    }
}

const EXIF: &[u8] = b"Exif\0\0";

/// Walks the segments (ITU-T T.81, annex B): keeps what draws the picture, its colours and which side is up.
fn jpeg(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut kept = bytes.get(..2)?.to_vec();
    let mut at = 2;
    loop {
        let from = at;
        // Drawn data runs to the next marker that is neither a stuffed byte nor a restart (B.1.1.5).
        while !matches!(bytes.get(at..at + 2)?, [0xff, marker] if !matches!(marker, 0x00 | 0xd0..=0xd7 | 0xff))
        {
            at += 1;
        }
        kept.extend_from_slice(&bytes[from..at]);
        let marker = bytes[at + 1];
        if marker == 0xd9 {
            kept.extend_from_slice(&[0xff, 0xd9]);
            return Some(kept);
        }
        let length = usize::from(u16::from_be_bytes(bytes.get(at + 2..at + 4)?.try_into().ok()?));
        let segment = bytes.get(at..at + 2 + length).filter(|_| length >= 2)?;
        let content = &segment[4..];
        match marker {
            0xe1 if content.starts_with(EXIF) => {
                if let Some(turned) = orientation(&content[EXIF.len()..]) {
                    kept.extend_from_slice(&turned_segment(turned));
                }
            }
            0xe2 if content.starts_with(b"ICC_PROFILE\0") => kept.extend_from_slice(segment),
            0xe1..=0xed | 0xef | 0xfe => {}
            _ => kept.extend_from_slice(segment),
        }
        at += segment.len();
    }
}

/// Which side is up: tag 0x0112 of the first directory (Exif 2.32 §4.6.4), when the picture is turned.
fn orientation(tiff: &[u8]) -> Option<u8> {
    let little = match tiff.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let short = |at: usize| {
        let two: [u8; 2] = tiff.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if little { u16::from_le_bytes(two) } else { u16::from_be_bytes(two) })
    };
    let four: [u8; 4] = tiff.get(4..8)?.try_into().ok()?;
    let first = if little { u32::from_le_bytes(four) } else { u32::from_be_bytes(four) };
    let first = usize::try_from(first).ok()?;
    let entries = (0..usize::from(short(first)?)).map(|n| first + 2 + 12 * n);
    let found = entries.into_iter().find(|at| short(*at) == Some(0x0112))?;
    u8::try_from(short(found + 8)?).ok().filter(|turned| (2..=8).contains(turned))
}

/// An Exif segment that says nothing else than which side is up.
fn turned_segment(turned: u8) -> Vec<u8> {
    let mut segment = vec![0xff, 0xe1, 0x00, 0x22];
    segment.extend_from_slice(EXIF);
    segment.extend_from_slice(b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0");
    segment.extend_from_slice(&[turned, 0, 0, 0, 0, 0, 0]);
    segment
}

/// Chunks that draw (W3C PNG §11): texts, times and Exif are not among them.
const PNG_KEPT: [&[u8; 4]; 12] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"bKGD",
    b"pHYs",
];

fn png(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut kept = bytes.get(..8)?.to_vec();
    let mut rest = &bytes[8..];
    loop {
        let length = usize::try_from(u32::from_be_bytes(rest.get(..4)?.try_into().ok()?)).ok()?;
        let chunk = rest.get(..length.checked_add(12)?)?;
        let name = &chunk[4..8];
        if PNG_KEPT.iter().any(|kept| kept.as_slice() == name) {
            kept.extend_from_slice(chunk);
        }
        if name == b"IEND" {
            return Some(kept);
        }
        rest = &rest[chunk.len()..];
    }
}

/// Chunks that draw (RFC 9649 §2.7); what VP8X says of Exif and XMP goes with them.
const WEBP_KEPT: [&[u8; 4]; 7] = [b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"];

fn webp(bytes: &[u8]) -> Option<Vec<u8>> {
    let said = usize::try_from(u32::from_le_bytes(bytes.get(4..8)?.try_into().ok()?)).ok()?;
    let mut rest = bytes.get(12..said.checked_add(8)?)?;
    let mut kept = bytes[..12].to_vec();
    while !rest.is_empty() {
        let length = usize::try_from(u32::from_le_bytes(rest.get(4..8)?.try_into().ok()?)).ok()?;
        let chunk = rest.get(..length.checked_add(8 + length % 2)?)?;
        if WEBP_KEPT.iter().any(|kept| kept.as_slice() == &chunk[..4]) {
            let start = kept.len();
            kept.extend_from_slice(chunk);
            if chunk.starts_with(b"VP8X") {
                *kept.get_mut(start + 8)? &= !0x0c;
            }
        }
        rest = &rest[chunk.len()..];
    }
    let size = u32::try_from(kept.len() - 8).ok()?;
    kept[4..8].copy_from_slice(&size.to_le_bytes());
    Some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
        let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
        [&[0xff, marker][..], &length, content].concat()
    }

    /// Exif of a camera: turned (6), and a place behind it.
    fn camera() -> Vec<u8> {
        let directory = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0GPS 51.5N";
        segment(0xe1, &[EXIF, directory].concat())
    }

    #[test]
    fn a_photo_keeps_its_pixels_and_which_side_is_up_and_loses_the_place() {
        let drawn = [&segment(0xda, &[1, 2])[..], &[7, 0xff, 0x00, 8, 0xff, 0xd0, 9]].concat();
        let more = [&segment(0xc4, b"table")[..], &segment(0xda, &[3])[..], &[5, 6]].concat();
        let photo = [
            &[0xff, 0xd8][..],
            &segment(0xe0, b"JFIF\0"),
            &camera(),
            &segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0GPS"),
            &segment(0xfe, b"GPS in a comment"),
            &drawn,
            &segment(0xfe, b"GPS between scans"),
            &more,
            &[0xff, 0xd9],
            b"GPS after the end",
        ]
        .concat();
        let kept = without_metadata(FileKind::Jpeg, &photo).unwrap();
        assert!(!kept.windows(3).any(|three| three == b"GPS"));
        let expected =
            [&[0xff, 0xd8][..], &segment(0xe0, b"JFIF\0"), &turned_segment(6), &drawn, &more, &[0xff, 0xd9]]
                .concat();
        assert_eq!(kept, expected);
        assert_eq!(orientation(&turned_segment(6)[4 + EXIF.len()..]), Some(6));
        let length = usize::from(turned_segment(6)[3]);
        assert_eq!(turned_segment(6).len(), length + 2, "the segment says its own length");
        assert_eq!(without_metadata(FileKind::Jpeg, &photo[..40]), None, "cut off");
    }

    #[test]
    fn a_screenshot_loses_its_texts() {
        let chunk = |name: &[u8; 4], content: &[u8]| {
            let length = u32::try_from(content.len()).unwrap().to_be_bytes();
            [&length[..], name, content, &[0; 4]].concat()
        };
        let signature = [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a];
        let (head, data, end) = (chunk(b"IHDR", &[0; 13]), chunk(b"IDAT", &[1, 2, 3]), chunk(b"IEND", b""));
        let shot =
            [&signature[..], &head, &chunk(b"eXIf", b"GPS"), &chunk(b"iTXt", b"me"), &data, &end, b"x"];
        let kept = without_metadata(FileKind::Png, &shot.concat()).unwrap();
        assert_eq!(kept, [&signature[..], &head, &data, &end].concat());
        assert_eq!(without_metadata(FileKind::Png, &signature), None);
    }

    #[test]
    fn a_webp_picture_loses_its_exif_and_says_so() {
        let chunk = |name: &[u8; 4], content: &[u8]| {
            let length = u32::try_from(content.len()).unwrap().to_le_bytes();
            [&name[..], &length, content, &vec![0; content.len() % 2]].concat()
        };
        let whole = |chunks: &[Vec<u8>]| {
            let body = chunks.concat();
            let size = u32::try_from(body.len() + 4).unwrap().to_le_bytes();
            [&b"RIFF"[..], &size, b"WEBP", &body].concat()
        };
        let drawn = chunk(b"VP8 ", &[1, 2, 3]);
        let picture = whole(&[chunk(b"VP8X", &[0x0e; 10]), drawn.clone(), chunk(b"EXIF", b"GPS")]);
        let mut head = [0x0e; 10];
        head[0] = 0x02;
        let kept = without_metadata(FileKind::Webp, &picture).unwrap();
        assert_eq!(kept, whole(&[chunk(b"VP8X", &head), drawn]));
    }

    #[test]
    fn the_kind_is_what_the_content_says() {
        assert_eq!(kind_of(b"%PDF-1.7\n"), Some(FileKind::Pdf));
        assert_eq!(kind_of(&[0xff, 0xd8, 0xff, 0xe0]), Some(FileKind::Jpeg));
        for other in [&b"<svg onload=alert(1)>"[..], b"MZ", b"", b"GIF89a", b"RIFF\0\0\0\0WAVE"] {
            assert_eq!(kind_of(other), None);
        }
    }
}
