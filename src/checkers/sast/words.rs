//! Owns the sink words: a file without one of its language is not parsed. Every rule page's failing example holds the list.

use std::sync::OnceLock;

use aho_corasick::AhoCorasick;

use crate::source::language::Language;

const PYTHON: &[&str] = &[
    "execute", "raw(", "query", "read_sql", ".extra(", "text(", "system", "popen", "subprocess",
    "getoutput", "eval(", "exec(", "pickle", "marshal", "shelve", "dill", "yaml", "torch", "joblib",
    "open(", "unlink", "remove(", "rmtree", "send_file", "FileResponse", "read_text", "read_bytes",
    "write_", "extractall", "mktemp", "tmpnam", "tempnam", "chmod", "umask", "mkdir", "makedirs",
    "verify", "ssl", "CERT_NONE", "AutoAddPolicy", "hashlib", "MD5", "SHA", "Crypto", "modes",
    "generate_private_key", ".generate(", "Fernet", "pbkdf2", "random", "jwt", "token", "password",
    "secret", "hmac", "signature", "edirect", "requests", "httpx", "urlopen", "urlretrieve", "set_cookie", "debug",
    "DEBUG", "0.0.0.0", "bind(", "origins", "ORIGIN", "COOKIE", "csrf_exempt", "csrf.exempt",
    "mark_safe", "Markup", "SafeString", "render_template_string", "make_response", "HttpResponse",
    "HTMLResponse", "Environment(", "xpath", "XPath", "findall", "search", "setFeature", "etree",
    "resolve_entities", "re.", "session[", ".route(",
];

const SCRIPT: &[&str] = &[
    "query", "execute", "raw", "Raw", ".run(", ".all(", ".get(", ".each(", "child_process", "exec",
    "spawn", "eval(", "Function(", "setTimeout(", "setInterval(", "vm.", "unserialize", "js-yaml",
    "RegExp(", "merge", "defaultsDeep", "extend(", "readFile", "writeFile", "createReadStream",
    "createWriteStream", "unlink", "readdir", "sendFile", "download(", "chmod", "umask",
    "rejectUnauthorized", "REJECT_UNAUTHORIZED", "strictSSL", "secureProtocol", "minVersion",
    "createHash", "MD5", "md5", "SHA1", "sha1", "createCipher", "createDecipher", "CryptoJS",
    "pbkdf2", "scrypt", "createHmac", "jwt", "jsonwebtoken", "Math.random", "token", "password",
    "secret", "signature", "hmac", "redirect", "fetch(", "axios", "got", "needle", "http.", "https.",
    ".cookie(", "setCookie", "cors", "llow-", "innerHTML", "outerHTML", "document.write",
    "insertAdjacentHTML", "dangerouslySetInnerHTML", "bypassSecurityTrust", "res.send", "res.end",
    "location", "][",
];

const GO: &[&str] = &[
    "Query", "Exec", "Raw", "Prepare", "exec.Command", "os.Open", "os.Create", "os.Remove", "ReadFile",
    "WriteFile", "ServeFile", "archive/", "Chmod", "Mkdir", "Umask", "InsecureSkipVerify",
    "MinVersion", "MaxVersion", "InsecureIgnoreHostKey", "md5.", "sha1.", "des.", "rc4.",
    "rsa.GenerateKey", "rand.", "ParseUnverified", "Redirect", "http.Get", "http.Post",
    "NewRequest", "llow-", "net.Listen", "ListenAndServe", "template.", "Fprint", "WriteString",
    "Token", "token", "assword", "ecret", "ignature", "Select(", "Get(", ".File(",
];

const JAVA: &[&str] = &[
    "execute", "prepare", "createQuery", "Query", "queryFor", "batchUpdate", "exec(",
    "ProcessBuilder", "ScriptEngine", "parseExpression", "readObject", "XMLDecoder", "DefaultTyping",
    "Yaml", "Pattern.", "FileInputStream", "FileOutputStream", "FileReader", "FileWriter", "Files.",
    "RandomAccessFile", "ZipEntry", "setWritable", "HostnameVerifier", "checkServerTrusted",
    "SSLContext", "SSLSession", "MessageDigest", "DigestUtils", "Cipher", "initialize", "SecretKeySpec",
    "IvParameterSpec", "PBEKeySpec", "Random", "Algorithm.none", "sendRedirect", "openConnection",
    "openStream", "restTemplate", "HttpGet", "HttpPost", "Jsoup", "setSecure", "setHttpOnly", "csrf",
    "llowedOrigin", "getWriter", "Factory.new", "SAXReader", "SAXBuilder", "update(",
];

const RUST: &[&str] = &[
    "query", "execute", "sql", "Command::new", "danger", "set_verify", "Md5", "md5", "Sha1", "Rc4",
    "Des", "unsafe", "File::", "fs::", "set_mode", "from_mode", "insecure", "reqwest", "0.0.0.0",
];

const SHELL: &[&str] = &[
    "eval", "curl", "wget", "chmod", "umask", "mktemp", "/tmp/", "-c", "psql", "mysql", "sqlite3",
    "source", "NO_VERIFY", "UNAUTHORIZED", "sslVerify", "StrictHostKeyChecking",
];

/// Does the text hold a word that a matcher of the language may look at?
#[must_use]
pub fn any(language: Language, bytes: &[u8]) -> bool {
    static TABLES: [OnceLock<Option<AhoCorasick>>; 6] = [const { OnceLock::new() }; 6];
    let (index, words) = match language {
        Language::Python => (0, PYTHON),
        Language::JavaScript | Language::TypeScript | Language::Tsx => (1, SCRIPT),
        Language::Go => (2, GO),
        Language::Java => (3, JAVA),
        Language::Rust => (4, RUST),
        Language::Bash => (5, SHELL),
        _ => return false,
    };
    TABLES[index]
        .get_or_init(|| AhoCorasick::new(words).ok())
        .as_ref()
        .is_none_or(|table| table.is_match(bytes))
}
