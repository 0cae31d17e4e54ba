//! Owns a certificate for `127.0.0.1` that signs itself, made for each test: nothing secret lies in the repository.

use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};

fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = content.len();
    let mut out = vec![tag];
    match length {
        0..0x80 => out.push(u8::try_from(length).expect("short")),
        0x80..0x100 => out.extend([0x81, u8::try_from(length).expect("short")]),
        _ => {
            out.push(0x82);
            out.extend(u16::try_from(length).expect("short").to_be_bytes());
        }
    }
    out.extend(content);
    out
}

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    element(0x30, parts)
}

const ECDSA_SHA256: &[u8] = &[0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
const EC_KEY: &[u8] = &[0x06, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
const P256: &[u8] = &[0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
const COMMON_NAME: &[u8] = &[0x06, 3, 0x55, 4, 3];
const ALTERNATIVE_NAMES: &[u8] = &[0x06, 3, 0x55, 0x1d, 0x11];

/// Certificate and key, as DER. The times are `YYMMDD`.
pub fn make(from: &str, until: &str) -> (Vec<u8>, Vec<u8>) {
    let random = SystemRandom::new();
    let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
    let key = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
    let pair = EcdsaKeyPair::from_pkcs8(algorithm, key.as_ref(), &random).expect("its pair");
    let name = sequence(&[&element(
        0x31,
        &[&sequence(&[COMMON_NAME, &element(0x0c, &[b"qgate test"])])],
    )]);
    let time = |day: &str| element(0x17, &[format!("{day}000000Z").as_bytes()]);
    let public = element(3, &[&[0], pair.public_key().as_ref()]);
    let names = element(4, &[&sequence(&[&element(0x87, &[&[127, 0, 0, 1]])])]);
    let body = sequence(&[
        &element(0xa0, &[&[2, 1, 2]]),
        &element(2, &[&[1]]),
        &sequence(&[ECDSA_SHA256]),
        &name,
        &sequence(&[&time(from), &time(until)]),
        &name,
        &sequence(&[&sequence(&[EC_KEY, P256]), &public]),
        &element(
            0xa3,
            &[&sequence(&[&sequence(&[ALTERNATIVE_NAMES, &names])])],
        ),
    ]);
    let signature = pair.sign(&random, &body).expect("a signature");
    let signature = element(3, &[&[0], signature.as_ref()]);
    let whole = sequence(&[&body, &sequence(&[ECDSA_SHA256]), &signature]);
    (whole, key.as_ref().to_vec())
}

/// The certificate as a file that `SSL_CERT_FILE` names.
pub fn pem(der: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in der.chunks(3) {
        let mut bits = 0_u32;
        for at in 0..3 {
            bits = bits << 8 | u32::from(chunk.get(at).copied().unwrap_or(0));
        }
        for at in 0..4_usize {
            let letter = LETTERS[(bits >> (18 - 6 * at) & 63) as usize];
            text.push(if at > chunk.len() {
                '='
            } else {
                char::from(letter)
            });
        }
    }
    let lines: Vec<&str> = (0..text.len())
        .step_by(64)
        .map(|at| &text[at..text.len().min(at + 64)])
        .collect();
    let kind = "CERTIFICATE";
    format!(
        "-----BEGIN {kind}-----\n{}\n-----END {kind}-----\n",
        lines.join("\n")
    )
}
