//! Owns what is known of characters: which nobody sees, and which of their neighbours make them legitimate. Ranges are of
//! the Unicode character database, version 17.

/// Embeddings, overrides and isolates: the nine characters that reorder what stands around them.
pub const fn is_bidi(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Marks that have a direction and no looks. They cannot reorder more than their neighbours.
pub const fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}')
}

/// Tag characters: an invisible copy of ASCII.
pub const fn is_tag(c: char) -> bool {
    matches!(c, '\u{e0000}'..='\u{e007f}')
}

/// Variation selectors: they choose the looks of the character before them.
pub const fn is_selector(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// Letters without looks, which some languages take as names.
pub const fn is_filler(c: char) -> bool {
    matches!(c, '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}')
}

/// Characters that nobody sees, those of [`is_bidi`] not among them.
pub const fn is_invisible(c: char) -> bool {
    is_direction_mark(c)
        || is_tag(c)
        || is_selector(c)
        || is_filler(c)
        || matches!(
            c,
            '\u{ad}'
                | '\u{34f}'
                | '\u{17b4}'
                | '\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200d}'
                | '\u{2028}'
                | '\u{2029}'
                | '\u{2060}'..='\u{2065}'
                | '\u{206a}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff0}'..='\u{fff8}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0080}'..='\u{e00ff}'
                | '\u{e01f0}'..='\u{e0fff}'
        )
}

/// Letters written from right to left.
pub const fn is_right_to_left(c: char) -> bool {
    matches!(
        c,
        '\u{590}'..='\u{61b}'
            | '\u{61d}'..='\u{8ff}'
            | '\u{fb1d}'..='\u{fdff}'
            | '\u{fe70}'..='\u{fefc}'
            | '\u{10800}'..='\u{10fff}'
            | '\u{1e800}'..='\u{1efff}'
    )
}

/// Scripts in which joiners between letters choose their forms: Arabic and its like, Mongolian, the scripts of India and
/// South-East Asia.
pub const fn needs_joiners(c: char) -> bool {
    is_right_to_left(c)
        || matches!(
            c,
            '\u{900}'..='\u{109f}'
                | '\u{1700}'..='\u{1cff}'
                | '\u{a800}'..='\u{abff}'
                | '\u{11000}'..='\u{11fff}'
        )
}

/// Scripts that write no space between words, where the zero width space marks where a line may break.
pub const fn has_no_spaces(c: char) -> bool {
    matches!(
        c,
        '\u{e00}'..='\u{eff}' | '\u{f00}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{1950}'..='\u{1aaf}' | '\u{3040}'..='\u{9fff}'
    )
}

/// Emoji and the symbols that may be shown as such, with skin tones and the keycap sign.
pub const fn is_symbol(c: char) -> bool {
    matches!(
        c,
        '\u{a9}' | '\u{ae}' | '\u{203c}' | '\u{2049}' | '\u{20e3}' | '\u{2100}'..='\u{2bff}' | '\u{3030}' | '\u{303d}'
            | '\u{3297}' | '\u{3299}' | '\u{1f000}'..='\u{1faff}'
    )
}

/// Ideographs, whose variants have selectors of their own.
pub const fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// What people call it.
pub const fn name(c: char) -> &'static str {
    match c {
        '\u{ad}' => "soft hyphen",
        '\u{61c}' => "arabic letter mark",
        '\u{200b}' => "zero width space",
        '\u{200c}' => "zero width non-joiner",
        '\u{200d}' => "zero width joiner",
        '\u{200e}' => "left-to-right mark",
        '\u{200f}' => "right-to-left mark",
        '\u{2028}' => "line separator",
        '\u{2029}' => "paragraph separator",
        '\u{202a}' => "left-to-right embedding",
        '\u{202b}' => "right-to-left embedding",
        '\u{202c}' => "pop directional formatting",
        '\u{202d}' => "left-to-right override",
        '\u{202e}' => "right-to-left override",
        '\u{2060}' => "word joiner",
        '\u{2066}' => "left-to-right isolate",
        '\u{2067}' => "right-to-left isolate",
        '\u{2068}' => "first strong isolate",
        '\u{2069}' => "pop directional isolate",
        '\u{feff}' => "byte order mark",
        _ if is_tag(c) => "tag character",
        _ if is_selector(c) => "variation selector",
        _ if is_filler(c) => "hangul filler",
        _ => "invisible",
    }
}
