//! Makes tokens of every kind from its form, with right checksums by code of its own, near misses, and files to carry them. The
//! same seed makes the same tokens.

use qgate::checkers::secrets::kinds::Kind;

/// Numbers that look random.
pub struct Seed(pub u64);

impl Seed {
    pub fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % below
    }

    pub fn text(&mut self, alphabet: &str, length: usize) -> String {
        let letters: Vec<char> = alphabet.chars().collect();
        (0..length)
            .map(|_| letters[self.next(letters.len())])
            .collect()
    }
}

const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS: &str = "0123456789";

fn alphabet(letter: char) -> String {
    match letter {
        'd' => DIGITS.to_owned(),
        'x' | 'h' => "0123456789abcdef".to_owned(),
        'X' => "0123456789ABCDEF".to_owned(),
        'u' => format!("{LOWER}{UPPER}{DIGITS}-_"),
        'b' => format!("{LOWER}{UPPER}{DIGITS}+/"),
        'l' => format!("{LOWER}{DIGITS}"),
        'U' => format!("{UPPER}{DIGITS}"),
        'a' => format!("{LOWER}{UPPER}"),
        't' => format!("{UPPER}234567"),
        'e' => "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L".to_owned(),
        'D' => "DTjz".to_owned(),
        'E' => "AEIMQUYcgk".to_owned(),
        _ => format!("{LOWER}{UPPER}{DIGITS}"),
    }
}

pub fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = 0xffff_ffff_u32;
    for &byte in bytes {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 {
                (crc >> 1) ^ 0xedb8_8320
            } else {
                crc >> 1
            };
        }
    }
    !crc
}

fn in_base(mut number: u32, alphabet: &str, width: usize) -> String {
    let letters: Vec<char> = alphabet.chars().collect();
    let mut out = Vec::new();
    for _ in 0..width {
        out.push(letters[number as usize % letters.len()]);
        number /= u32::try_from(letters.len()).expect("short");
    }
    out.iter().rev().collect()
}

pub fn base64(bytes: &[u8]) -> String {
    let letters: Vec<char> = format!("{UPPER}{LOWER}{DIGITS}+/").chars().collect();
    let mut out = String::new();
    for group in bytes.chunks(3) {
        let mut bits = 0_u32;
        for at in 0..3 {
            bits = bits << 8 | u32::from(group.get(at).copied().unwrap_or(0));
        }
        for at in 0..=group.len() {
            out.push(letters[(bits >> (18 - 6 * at) & 63) as usize]);
        }
    }
    out
}

/// Every run of a form filled.
fn filled(shape: &str, seed: &mut Seed) -> String {
    let shape = shape.replace("{G}", "{h8}-{h4}-{h4}-{h4}-{h12}");
    let mut out = String::new();
    let mut rest = shape.as_str();
    while let Some((text, behind)) = rest.split_once('{') {
        out.push_str(text);
        let (run, behind) = behind.split_once('}').expect("it is closed");
        let (letter, counts) = run.split_at(1);
        let (least, most) = counts.split_once('-').unwrap_or((counts, counts));
        let (least, most): (usize, usize) = (
            least.parse().expect("a number"),
            most.parse().expect("a number"),
        );
        let length = least + seed.next(most.min(least + 40) - least + 1);
        out.push_str(&seed.text(&alphabet(letter.chars().next().expect("a letter")), length));
        rest = behind;
    }
    out + rest
}

/// A valid token of a kind.
pub fn token(kind: &Kind, seed: &mut Seed) -> String {
    let mut token = filled(kind.shape, seed);
    let length = token.len();
    let base62 = format!("{DIGITS}{UPPER}{LOWER}");
    let name = kind.name;
    if kind.check.is_none() || name.starts_with("AWS") || name.starts_with("Braintree") {
        return token;
    }
    if kind.shape.ends_with("_{w36}") {
        let sum = in_base(crc32(&token.as_bytes()[4..length - 6]), &base62, 6);
        token.replace_range(length - 6.., &sum);
    } else if name.starts_with("Cloudflare") {
        let sum = format!("{:08x}", crc32(&token.as_bytes()[length - 48..length - 8]));
        token.replace_range(length - 8.., &sum);
    } else if name.starts_with("GitLab") {
        let sum = in_base(
            crc32(&token.as_bytes()[..length - 7]),
            &format!("{DIGITS}{LOWER}"),
            7,
        );
        token.replace_range(length - 7.., &sum);
    } else if name.starts_with("Confluent") {
        let sum = base64(&crc32(&token.as_bytes()[length - 60..length - 6]).to_le_bytes());
        token.replace_range(length - 6.., &sum[..6]);
    } else if name.starts_with("Grafana") {
        let json = format!(
            "{{\"k\":\"{}\",\"n\":\"a\",\"id\":1}}",
            seed.text(LOWER, 40)
        );
        token = base64(json.as_bytes());
    } else if name.starts_with("Anthropic") {
        token.replace_range(length - 2.., "AA");
    } else if name.starts_with("OpenAI") {
        let middle = usize::midpoint(kind.shape.find('{').expect("it has a run"), length);
        token.replace_range(middle..middle + 8, "T3BlbkFJ");
    } else if name.starts_with("Discord") {
        let id = base64(seed.text("123456789", 18).as_bytes());
        let behind = token.split_once('.').expect("it has parts").1.to_owned();
        token = format!("{id}.{behind}");
    } else if name.starts_with("1Password") || name.starts_with("Sentry") {
        let json = format!(
            "{{\"iat\":1700000000,\"url\":\"{}\"}}",
            seed.text(LOWER, 210)
        );
        let (head, tail) = if name.starts_with("Sentry") {
            ("sntrys_", format!("_{}", seed.text(&alphabet('b'), 43)))
        } else {
            ("ops_", String::new())
        };
        token = format!("{head}{}{tail}", base64(json.as_bytes()));
    } else if name.starts_with("age") {
        token = age(seed);
    } else if name.starts_with("NATS") {
        token = nkey(&token);
    }
    token
}

/// Bech32, as its specification has it.
fn age(seed: &mut Seed) -> String {
    const DIGITS: &str = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    let human = "age-secret-key-";
    let data = seed.text(DIGITS, 52);
    let value = |c: char| {
        let at = DIGITS.find(c).expect("it is one");
        u32::try_from(at).expect("it is short")
    };
    let mut values: Vec<u32> = human.bytes().map(|b| u32::from(b >> 5)).collect();
    values.push(0);
    values.extend(human.bytes().map(|b| u32::from(b & 31)));
    values.extend(data.chars().map(value));
    values.extend([0; 6]);
    let mut sum = 1_u32;
    for value in values {
        let top = sum >> 25;
        sum = (sum & 0x1ff_ffff) << 5 ^ value;
        for (bit, tap) in [
            0x3b6a_57b2,
            0x2650_8e6d,
            0x1ea1_19fa,
            0x3d42_33dd,
            0x2a14_62b3,
        ]
        .into_iter()
        .enumerate()
        {
            if top >> bit & 1 == 1 {
                sum ^= tap;
            }
        }
    }
    sum ^= 1;
    let letters: Vec<char> = DIGITS.chars().collect();
    let check: String = (0..6)
        .map(|at| letters[(sum >> (5 * (5 - at)) & 31) as usize])
        .collect();
    format!("{human}1{data}{check}").to_ascii_uppercase()
}

/// The last two bytes are a CRC-16 of the others.
fn nkey(token: &str) -> String {
    let letters: Vec<char> = format!("{UPPER}234567").chars().collect();
    let mut bits: Vec<u8> = Vec::new();
    for c in token.chars() {
        let value = letters.iter().position(|l| *l == c).expect("base32");
        bits.extend((0..5).rev().map(|bit| u8::from(value >> bit & 1 == 1)));
    }
    let mut bytes: Vec<u8> = bits
        .chunks_exact(8)
        .map(|byte| byte.iter().fold(0, |sum, bit| sum << 1 | bit))
        .collect();
    bytes.truncate(34);
    let mut crc = 0_u16;
    for &byte in &bytes {
        crc ^= u16::from(byte) << 8;
        for _ in 0..8 {
            crc = if crc & 0x8000 == 0 {
                crc << 1
            } else {
                crc << 1 ^ 0x1021
            };
        }
    }
    bytes.extend(crc.to_le_bytes());
    let bits: Vec<u8> = bytes
        .iter()
        .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1))
        .collect();
    let groups = bits.chunks(5).map(|group| {
        let value = group.iter().fold(0, |sum, bit| sum << 1 | bit) << (5 - group.len());
        letters[usize::from(value)]
    });
    groups.collect()
}

/// How a file carries a value: its name, and a text with `NAME` and `VALUE`.
pub const CARRIERS: [(&str, &str); 12] = [
    ("a.py", "import os\n\nNAME = \"VALUE\"\nprint(os.name)\n"),
    (
        "a.js",
        "const NAME = 'VALUE';\nmodule.exports = { NAME };\n",
    ),
    (
        "a.go",
        "package a\n\nfunc main() {\n\tNAME := \"VALUE\"\n\tuse(NAME)\n}\n",
    ),
    (
        "A.java",
        "class A {\n    private static final String NAME = \"VALUE\";\n}\n",
    ),
    ("a.rs", "pub const NAME: &str = \"VALUE\";\n"),
    (
        "a.sh",
        "#!/bin/sh\nexport NAME=VALUE\ncurl https://a.internal/\n",
    ),
    (
        "a.sql",
        "insert into settings (name, value) values ('NAME', 'VALUE');\n",
    ),
    ("a.yaml", "service:\n  NAME: VALUE\n  replicas: 2\n"),
    ("a.json", "{\n  \"NAME\": \"VALUE\",\n  \"other\": 1\n}\n"),
    ("a.toml", "[service]\nNAME = \"VALUE\"\n"),
    (".env", "DEBUG=0\nNAME=VALUE\n"),
    ("README.md", "# A\n\nRun it with `NAME=VALUE ./a`.\n"),
];
