//! Owns cryptography that is weak by its name: digests, ciphers, key sizes, keys and vectors in the source.

use crate::source::language::Language;

use super::super::call::{Arg, Call};
use super::super::class::{Class, Confidence};
use super::super::names;
use super::super::value::Origin;
use super::super::walk::Walk;

/// Words that tell that a digest guards something.
pub const GUARDS: &[&str] = &[
    "password",
    "passwd",
    "pwd",
    "passphrase",
    "secret",
    "token",
    "signature",
    "sign",
    "credential",
    "credentials",
    "auth",
    "otp",
    "hmac",
    "login",
    "apikey",
    "cookie",
    "session",
];

pub fn call<'t>(walk: &mut Walk<'t>, call: &Call<'t>) {
    hash(walk, call);
    cipher(walk, call);
    key_size(walk, call);
    key(walk, call);
}

/// The name of an algorithm: what stands there, or what it is when no setting says otherwise.
fn algorithm<'t>(arg: &Arg<'t>) -> Option<&'t str> {
    arg.value
        .whole()
        .or(arg.value.text.filter(|_| !arg.value.built))
}

fn weak_digest(name: &str) -> Option<&'static str> {
    match name.to_ascii_lowercase().replace(['-', '_'], "").as_str() {
        "md5" | "md5sum" => Some("MD5"),
        "md4" => Some("MD4"),
        "md2" => Some("MD2"),
        "sha1" | "sha" => Some("SHA-1"),
        _ => None,
    }
}

fn hash<'t>(walk: &mut Walk<'t>, call: &Call<'t>) {
    let first = || call.arg(0, "name").and_then(|arg| arg.value.whole());
    let name = match walk.language {
        Language::Python => {
            if call.sets("usedforsecurity", &["False"]) {
                return;
            }
            if call.is(&["hashlib.new"]) {
                first()
            } else if call.path.starts_with("hashlib.")
                || call.path.starts_with("Crypto.Hash.")
                || call.path.starts_with("Cryptodome.Hash.")
            {
                let name = call.path.trim_end_matches(".new").rsplit('.').next();
                name.filter(|name| weak_digest(name).is_some())
            } else if call.is(&["hashes.MD5", "hashes.SHA1"]) {
                Some(call.name)
            } else {
                None
            }
        }
        Language::JavaScript | Language::TypeScript | Language::Tsx => {
            if call.name == "createHash"
                && (call.path.contains("crypto") || call.receiver.is_none())
            {
                first()
            } else if call.is(&["CryptoJS.MD5", "CryptoJS.SHA1", "md5", "sha1"]) {
                Some(call.name)
            } else {
                None
            }
        }
        Language::Go => {
            if call.is(&["md5.New", "md5.Sum"]) {
                Some("md5")
            } else if call.is(&["sha1.New", "sha1.Sum"]) {
                Some("sha1")
            } else {
                None
            }
        }
        Language::Java => {
            if call.is(&["MessageDigest.getInstance"]) {
                call.at(0).and_then(algorithm)
            } else if call.is(&[
                "DigestUtils.md5Hex",
                "DigestUtils.md5",
                "DigestUtils.md5DigestAsHex",
            ]) {
                Some("md5")
            } else if call.is(&[
                "DigestUtils.sha1Hex",
                "DigestUtils.sha1",
                "DigestUtils.sha",
                "DigestUtils.shaHex",
            ]) {
                Some("sha1")
            } else {
                None
            }
        }
        Language::Rust => {
            if call.path.starts_with("Md5") || call.is(&["md5.compute", "Md5.digest", "Md5.new"]) {
                Some("md5")
            } else if call.is(&["Sha1.new", "Sha1.digest"]) {
                Some("sha1")
            } else {
                None
            }
        }
        _ => None,
    };
    let Some(digest) = name.and_then(weak_digest) else {
        return;
    };
    // What the digest is of, what it is kept as, and the function around it tell whether it guards something.
    let statement = walk.statement(call.node);
    let guards = names::has_word(walk.function, GUARDS)
        || statement.len() < 400 && names::has_word(statement, GUARDS);
    if guards {
        walk.report(
            Class::Hash,
            Confidence::High,
            call.node,
            format!("{digest} guards a secret or a signature"),
        );
    } else {
        walk.report(
            Class::Hash,
            Confidence::Low,
            call.node,
            format!("{digest} is used; good enough only where it guards nothing"),
        );
    }
}

fn cipher<'t>(walk: &mut Walk<'t>, call: &Call<'t>) {
    let text = call.at(0).and_then(algorithm).unwrap_or_default();
    let lower = text.to_ascii_lowercase();
    let parts: Vec<&str> = lower.split(['/', '-', '_']).collect();
    let found: Option<&str> = match walk.language {
        Language::Python => {
            let path = call.path.as_str();
            if path.contains("Crypto") || path.contains("algorithms.") {
                [
                    "ARC4",
                    "DES",
                    "DES3",
                    "Blowfish",
                    "ARC2",
                    "TripleDES",
                    "IDEA",
                    "CAST5",
                    "SEED",
                ]
                .into_iter()
                .find(|name| {
                    path.contains(&format!(".{name}")) || path.contains(&format!("{name}.new"))
                })
            } else if call.is(&["modes.ECB"]) {
                Some("ECB mode")
            } else {
                None
            }
            .or_else(|| {
                let ecb = call
                    .args
                    .iter()
                    .any(|arg| walk.text(arg.node).ends_with("MODE_ECB"));
                (call.name == "new" && ecb).then_some("ECB mode")
            })
        }
        Language::JavaScript | Language::TypeScript | Language::Tsx => {
            if call.named(&[
                "createCipheriv",
                "createDecipheriv",
                "createCipher",
                "createDecipher",
            ]) {
                broken(&parts).or_else(|| {
                    call.named(&["createCipher", "createDecipher"])
                        .then_some("a cipher without an initialisation vector")
                })
            } else if call.is(&[
                "CryptoJS.DES.encrypt",
                "CryptoJS.TripleDES.encrypt",
                "CryptoJS.RC4.encrypt",
            ]) {
                Some("DES or RC4")
            } else {
                None
            }
        }
        Language::Go => {
            if call.is(&["des.NewCipher", "des.NewTripleDESCipher"]) {
                Some("DES")
            } else if call.is(&["rc4.NewCipher"]) {
                Some("RC4")
            } else {
                None
            }
        }
        Language::Java if call.is(&["KeyGenerator.getInstance"]) => broken(&parts),
        Language::Java if call.is(&["Cipher.getInstance"]) => {
            broken(&parts).or_else(|| (lower == "aes").then_some("AES in ECB mode, its default"))
        }
        Language::Rust if call.path.starts_with("Rc4.") || call.path.starts_with("Des.") => {
            Some("DES or RC4")
        }
        _ => None,
    };
    if let Some(name) = found {
        walk.report(
            Class::Cipher,
            Confidence::Medium,
            call.node,
            format!("a cipher that is broken: {name}"),
        );
    }
}

fn broken(parts: &[&str]) -> Option<&'static str> {
    parts.iter().find_map(|part| {
        Some(match *part {
            "des" | "desede" | "des3" | "des-ede3" | "3des" | "ede3" | "tripledes" => "DES",
            "rc4" | "arcfour" | "arc4" => "RC4",
            "rc2" => "RC2",
            "blowfish" | "bf" => "Blowfish",
            "ecb" if !parts.contains(&"rsa") => "ECB mode",
            _ => return None,
        })
    })
}

fn key_size<'t>(walk: &mut Walk<'t>, call: &Call<'t>) {
    let size = match walk.language {
        Language::Python if call.is(&["rsa.generate_private_key", "dsa.generate_private_key"]) => {
            call.keyword("key_size").or_else(|| call.at(1))
        }
        Language::Python if call.is(&["RSA.generate", "DSA.generate", "RSAKey.generate"]) => {
            call.arg(0, "bits")
        }
        Language::Go if call.is(&["rsa.GenerateKey"]) => call.at(1),
        Language::Java if call.name == "initialize" && walk.has_text("\"RSA\"") => call.at(0),
        _ => None,
    };
    if let Some(size) = size.and_then(|arg| arg.value.number)
        && (256..2048).contains(&size)
    {
        walk.report(
            Class::KeySize,
            Confidence::High,
            call.node,
            format!("a key of {size} bits is too short"),
        );
    }
}

fn key<'t>(walk: &mut Walk<'t>, call: &Call<'t>) {
    let literal = |at: usize, name: &str| {
        call.arg(at, name).filter(|arg| {
            arg.value.origin == Origin::Literal
                && arg.value.whole().is_some_and(|text| text.len() >= 8)
        })
    };
    let (arg, what) = match walk.language {
        Language::Python
            if call.is(&[
                "AES.new",
                "DES.new",
                "ARC4.new",
                "Blowfish.new",
                "ChaCha20.new",
                "algorithms.AES",
                "Fernet",
            ]) =>
        {
            (literal(0, "key"), "key")
        }
        Language::Python if call.is(&["hashlib.pbkdf2_hmac"]) => (literal(2, "salt"), "salt"),
        Language::Python if call.is(&["modes.CBC", "modes.CTR", "modes.GCM"]) => {
            (literal(0, "initialization_vector"), "initialisation vector")
        }
        Language::JavaScript | Language::TypeScript | Language::Tsx => match call.name {
            "createCipheriv" | "createDecipheriv" => match literal(1, "") {
                None => (literal(2, ""), "initialisation vector"),
                found => (found, "key"),
            },
            "pbkdf2" | "pbkdf2Sync" | "scryptSync" | "scrypt" => (literal(1, ""), "salt"),
            "sign" | "verify"
                if call.path.contains("jwt") || call.path.contains("jsonwebtoken") =>
            {
                (literal(1, ""), "key of signed tokens")
            }
            "createHmac" => (literal(1, ""), "key"),
            _ => return,
        },
        Language::Python if call.is(&["jwt.encode", "jwt.decode"]) => {
            (literal(1, "key"), "key of signed tokens")
        }
        Language::Java if call.is(&["SecretKeySpec", "IvParameterSpec", "PBEKeySpec"]) => (
            call.at(0).filter(|arg| {
                let text = walk.text(arg.node);
                arg.value.origin == Origin::Literal
                    && (text.contains('"') || arg.value.text.is_some_and(|text| text.len() >= 8))
            }),
            if call.is(&["IvParameterSpec"]) {
                "initialisation vector"
            } else {
                "key"
            },
        ),
        _ => return,
    };
    if let Some(arg) = arg {
        walk.report(
            Class::Key,
            Confidence::High,
            arg.node,
            format!("a {what} stands in the source"),
        );
    }
}
