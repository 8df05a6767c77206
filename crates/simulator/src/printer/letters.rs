//! Which letter a byte is: the code pages that a printer selects with `ESC t` (numbers as in Epson's TM-T20), and what
//! the letter looks like in the printer's font of 12 by 24 dots (Spleen, BSD-2).

use spleen_font::{FONT_12X24, PSF2Font};

/// Dots of one letter.
pub const WIDTH: usize = 12;
pub const HEIGHT: usize = 24;

/// The upper half of IBM's code page 437.
const PC437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";
/// The upper half of code page 850; 858 has the euro sign for the dotless i.
const PC850: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}";
/// The upper half of code page 852.
const PC852: &str = "ÇüéâäůćçłëŐőîŹÄĆÉĹĺôöĽľŚśÖÜŤťŁ×čáíóúĄąŽžĘę¬źČş«»░▒▓│┤ÁÂĚŞ╣║╗╝Żż┐└┴┬├─┼Ăă╚╔╩╦╠═╬¤đĐĎËďŇÍÎě┘┌█▄ŢŮ▀ÓßÔŃńňŠšŔÚŕŰýÝţ´\u{ad}˝˛ˇ˘§÷¸°¨˙űŘř■\u{a0}";

/// The letters of a text in the code page with this number; those of a page that is not known here are boxes.
pub fn read(page: u8, bytes: &[u8]) -> String {
    let ibm = |upper: &str| {
        let letter = |byte: &u8| match byte.checked_sub(128) {
            None => char::from(*byte),
            Some(n) => upper.chars().nth(usize::from(n)).unwrap_or('\u{fffd}'),
        };
        bytes.iter().map(letter).collect::<String>()
    };
    let windows =
        |encoding: &'static encoding_rs::Encoding| encoding.decode_without_bom_handling(bytes).0.into_owned();
    match page {
        0 => ibm(PC437),
        2 => ibm(PC850),
        18 => ibm(PC852),
        19 => ibm(&PC850.replace('ı', "€")),
        16 => windows(encoding_rs::WINDOWS_1252),
        17 => windows(encoding_rs::IBM866),
        15 => windows(encoding_rs::ISO_8859_7),
        39 => windows(encoding_rs::ISO_8859_2),
        40 => windows(encoding_rs::ISO_8859_15),
        45 => windows(encoding_rs::WINDOWS_1250),
        46 => windows(encoding_rs::WINDOWS_1251),
        47 => windows(encoding_rs::WINDOWS_1253),
        48 => windows(encoding_rs::WINDOWS_1254),
        51 => windows(encoding_rs::WINDOWS_1257),
        _ => ibm(&"\u{fffd}".repeat(128)),
    }
}

/// The dots of a letter, row by row; a box where the font has none.
pub fn dots(letter: char) -> Vec<Vec<bool>> {
    let letter = if letter == '\u{a0}' { ' ' } else { letter };
    let drawn = PSF2Font::new(FONT_12X24).ok().and_then(|mut font| {
        let glyph = font.glyph_for_utf8(letter.encode_utf8(&mut [0; 4]).as_bytes())?;
        Some(glyph.map(|row| row.take(WIDTH).collect()).collect::<Vec<Vec<bool>>>())
    });
    drawn.unwrap_or_else(|| {
        let edge = |x: usize, y: usize| x == 1 || x == WIDTH - 2 || y == 4 || y == HEIGHT - 5;
        let inside = |x: usize, y: usize| (1..WIDTH - 1).contains(&x) && (4..HEIGHT - 4).contains(&y);
        (0..HEIGHT).map(|y| (0..WIDTH).map(|x| inside(x, y) && edge(x, y)).collect()).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_euro_sign_is_where_each_page_has_it() {
        assert_eq!(read(16, b"\x80"), "€");
        assert_eq!(read(19, b"\xd5"), "€");
        assert_eq!(read(0, b"\x9c"), "£");
        assert_eq!((PC437.chars().count(), PC850.chars().count()), (128, 128));
    }

    #[test]
    fn every_letter_of_western_europe_is_drawn() {
        let blank = dots('\u{10ffff}');
        for letter in "AZaz09éñßØ£€".chars() {
            let drawn = dots(letter);
            assert!(drawn != blank && drawn.iter().flatten().any(|dot| *dot), "{letter}");
            assert_eq!((drawn.len(), drawn[0].len()), (HEIGHT, WIDTH));
        }
    }
}
