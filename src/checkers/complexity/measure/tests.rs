//! What the measure makes of small texts. The probes of the tables are pages in `cases/`.

use super::*;
use crate::source::file::parse;

fn measured(language: Language, text: &str, settings: Settings) -> Measures {
    let tree = parse(language, text.as_bytes()).expect("it can be parsed");
    measure(language, &tree, text.as_bytes(), settings).expect("the language is measured")
}

/// Every function as `name cyclomatic/cognitive`.
fn check(language: Language, text: &str, expected: &str) {
    let measures = measured(language, text, Settings::default());
    let told = |f: &Function| format!("{} {}/{}", f.name, f.cyclomatic, f.cognitive);
    let told: Vec<String> = measures.functions.iter().map(told).collect();
    assert_eq!(told.join("; "), expected, "{text}");
    for function in &measures.functions {
        let parts = &function.increments;
        let cyclomatic: u32 = parts.iter().map(|part| part.cyclomatic).sum();
        let cognitive: u32 = parts.iter().map(|part| part.cognitive).sum();
        assert_eq!(function.cyclomatic, 1 + cyclomatic, "{text}");
        assert_eq!(function.cognitive, cognitive, "{text}");
    }
}

/// Every function as `lines nloc nesting parameters returns operators`.
fn shape(language: Language, text: &str, expected: &str) {
    let measures = measured(language, text, Settings::default());
    let told = |f: &Function| {
        let all = [
            f.lines(),
            f.nloc,
            f.nesting,
            f.parameters,
            f.returns,
            f.condition,
        ];
        all.map(|value| value.to_string()).join(" ")
    };
    let told: Vec<String> = measures.functions.iter().map(told).collect();
    assert_eq!(told.join("; "), expected, "{text}");
}

#[test]
fn names_are_qualified() {
    check(
        Language::Python,
        "class A:\n def f(self):\n  def g(): pass\nclass B:\n class C:\n  async def h(self): pass\n",
        "A.f 1/0; A.f.g 1/0; B.C.h 1/0",
    );
    check(
        Language::TypeScript,
        "class A { f = () => 1; get g() { return 1 } static { x() } #h() {} }\nnamespace N { function f() {} }\n\
         const o = { a() {}, b: { c: () => 1 } };\nFoo.prototype.bar = function () {};\nexport default () => 1;\n\
         it('x', () => 1);\nconst M = memo(() => 1);",
        "A.f 1/0; A.g 1/0; A.#h 1/0; N.f 1/0; o.a 1/0; o.b.c 1/0; Foo.prototype.bar 1/0; default 1/0; it(...) 1/0; M 1/0",
    );
    check(
        Language::Rust,
        "mod m { impl<T> Tr for a::Foo<T> { fn f(&self) {} } trait Q { fn g() {} fn h(); } }\n\
         static S: L = L::new(|| x());",
        "m::Foo::f 1/0; m::Q::g 1/0; S 1/0",
    );
    check(
        Language::Go,
        "package p\nfunc (r *T[K]) M() {}\nfunc F() {}\nvar V = func() {}\n",
        "T.M 1/0; F 1/0; V 1/0",
    );
    check(
        Language::Java,
        "class A { A() {} void f() { new R() { public void g() {} }; } interface I { void h(); default void i() {} } }",
        "A.A 1/0; A.f 1/0; A.f.R.g 1/0; A.I.i 1/0",
    );
    check(
        Language::Cpp,
        "namespace n { template <class T> int A<T>::f(int x) { return 1; } struct S { S() {} ~S() {} S &operator=(S) {} \
         operator bool() const { return 1; } void d() = delete; }; }",
        "n::A::f 1/0; n::S::S 1/0; n::S::~S 1/0; n::S::operator= 1/0; n::S::operator bool 1/0",
    );
    check(
        Language::C,
        "MACRO type_t name(void) { return 0; }\nstatic int *other(int a) { return 0; }\n",
        "name 1/0; other 1/0",
    );
    check(
        Language::CSharp,
        "class A { A() {} ~A() {} int P => 1; int Q { get => 1; set { } } int this[int i] => 1; void F() { int G() => 1; } \
         public static A operator +(A a, A b) => a; abstract void H(); }",
        "A.A 1/0; A.~A 1/0; A.P.get 1/0; A.Q.get 1/0; A.Q.set 1/0; A.this[].get 1/0; A.F 1/0; A.F.G 1/0; A.operator + 1/0",
    );
    check(
        Language::Ruby,
        "module M\n class A\n  def f; end\n  def self.g; end\n end\nend\nit 'x' do\nend\n",
        "M.A.f 1/0; M.A.g 1/0; it(...) 1/0",
    );
    check(
        Language::Php,
        "<?php namespace N; class A { function f() {} abstract function g(); } function h() { $x = fn() => 1; }",
        "A.f 1/0; h 1/0",
    );
    check(
        Language::Kotlin,
        "class A {\n fun f() {}\n val p: Int\n  get() = 1\n constructor(x: Int) {}\n companion object { fun g() {} }\n}\nfun B.h() = 1\n",
        "A.f 1/0; A.p.get 1/0; A.constructor 1/0; A.Companion.g 1/0; B.h 1/0",
    );
    check(
        Language::Bash,
        "f() { x; }\nfunction g { y; }\n",
        "f 1/0; g 1/0",
    );
}

#[test]
fn shapes_are_told() {
    shape(
        Language::Python,
        "def f(self, a, /, b=1, *, c, **d):\n\n    # x\n    if a:\n        return 1\n    return lambda: 1\n",
        "6 4 1 4 2 0",
    );
    shape(
        Language::TypeScript,
        "function f(this: T, { a, b }: O, ...c) { return x.map((y) => { return y; }) && !(a || b); }",
        "1 1 0 2 1 2",
    );
    shape(Language::TypeScript, "const f = x => 1", "1 1 0 1 0 0");
    shape(
        Language::Rust,
        "impl A { fn f(&mut self, a: u8, b: u8) -> u8 { for x in y { while z { loop {} } } return 1; } fn g(self: Box<Self>) {} }",
        "1 1 3 2 1 0; 1 1 0 0 0 0",
    );
    shape(
        Language::Go,
        "package p\nfunc (r *T) f(a, b int, c ...string) (int, int) { return 1, 2 }\nfunc g(int, string) {}\n",
        "1 1 0 3 1 0; 1 1 0 2 0 0",
    );
    shape(
        Language::C,
        "int *f(void) { return 0; }\nint g(int a, ...) { return a && b || c; }\n",
        "1 1 0 0 1 0; 1 1 0 2 1 2",
    );
    shape(
        Language::CSharp,
        "class A { static int F(this int x, params int[] y) { return 1; } }",
        "1 1 0 1 1 0",
    );
    shape(
        Language::Kotlin,
        "fun f(a: Int, vararg b: Int): Int { x.forEach { return@forEach }\n return 1 }",
        "2 2 0 2 1 0",
    );
    shape(
        Language::Ruby,
        "def f(a, b = 1, *c, d:, &e)\n return 1\nend\n",
        "3 3 0 5 1 0",
    );
    shape(
        Language::Php,
        "<?php function f(int $a, ...$b) { return 1; }",
        "1 1 0 2 1 0",
    );
    shape(
        Language::Java,
        "class A { int f(int a, int... b) { return 1; } }",
        "1 1 0 2 1 0",
    );
}

#[test]
fn recursion_is_a_call_of_the_function_itself() {
    check(
        Language::Python,
        "class A:\n def f(self): self.f()\n def g(self): g()\n def h(self): other.h()\ndef i(): i(); i()\n",
        "A.f 1/1; A.g 1/0; A.h 1/0; i 1/1",
    );
    check(
        Language::Java,
        "class A { void f(int a) { f(a, 1); } void f(int a, int b) { f(a, b); } void g() { other.g(); } }",
        "A.f 1/0; A.f 1/1; A.g 1/0",
    );
    check(
        Language::Rust,
        "impl A { fn f(&self) { self.f() } fn g() { g() } fn h() { Self::h() } fn i(&self) { self.inner.i() } }",
        "A::f 1/1; A::g 1/0; A::h 1/1; A::i 1/0",
    );
    check(
        Language::Go,
        "package p\nfunc (t T) f() { t.f() }\nfunc (t T) g() { t.x.g(); g() }\n",
        "T.f 1/1; T.g 1/0",
    );
    check(
        Language::Cpp,
        "void A::f() { f(); }\nvoid A::g() { b->g(); }\n",
        "A::f 1/1; A::g 1/0",
    );
    check(
        Language::JavaScript,
        "const f = () => f();\nclass A { g() { this.g() } h() { h() } }\n",
        "f 1/1; A.g 1/1; A.h 1/0",
    );
    check(
        Language::Php,
        "<?php class A { function f() { $this->f(); } function g() { g(); } }",
        "A.f 1/1; A.g 1/0",
    );
    check(
        Language::Bash,
        "f() { f; }\ng() { command g; }\n",
        "f 1/1; g 1/0",
    );
}

#[test]
fn settings_change_what_counts() {
    let check = |language, text, settings, expected: &str| {
        let measures = measured(language, text, settings);
        let told = |f: &Function| format!("{} {}/{}/{}", f.name, f.cyclomatic, f.cognitive, f.nloc);
        let told: Vec<String> = measures.functions.iter().map(told).collect();
        assert_eq!(told.join("; "), expected, "{text}");
    };
    let nested = Settings {
        nested_adds: true,
        ..Settings::default()
    };
    let text = "def f():\n def g(x):\n  if x:\n   if y: z()\n a()\n";
    check(Language::Python, text, nested, "f 1/5/5; f.g 3/3/3");
    check(
        Language::Python,
        text,
        Settings::default(),
        "f 1/0/5; f.g 3/3/3",
    );
    // A decorator: what it returns is not nested for it.
    let text = "def f(x):\n '''doc'''\n def g(y):\n  if y: z()\n return g\n";
    check(Language::Python, text, nested, "f 1/1/5; f.g 2/1/2");
    let skip = Settings {
        skip_docstrings: true,
        ..Settings::default()
    };
    let text = "'''a\n\nb'''\ndef f():\n # c\n '''d'''\n 'e' + x\n";
    check(Language::Python, text, skip, "f 1/0/2");
    let propagation = Settings {
        propagation: true,
        ..Settings::default()
    };
    check(
        Language::Rust,
        "fn f() { a()?; b()? }",
        propagation,
        "f 3/0/1",
    );
}

#[test]
fn the_code_outside_is_the_files() {
    let text = "if a: b()\ndef f(x=1 if a else 2):\n  if x: y()\nz = lambda: 1 if a else 2\n";
    let measures = measured(Language::Python, text, Settings::default());
    assert_eq!(
        (measures.outside.cyclomatic, measures.outside.cognitive),
        (2, 2)
    );
    assert_eq!((measures.cyclomatic(), measures.cognitive()), (6, 4));
    assert_eq!((measures.lines, measures.nloc), (4, 4));
}

#[test]
fn deep_and_broken_texts_end() {
    let deep = |open: &str, close: &str| format!("{}x{}", open.repeat(3_000), close.repeat(3_000));
    let all = [
        deep("(", ")"),
        deep("[", "]"),
        deep("{", "}"),
        deep("if (a) ", ""),
        deep("!", ""),
        deep("a && (", ")"),
        "\"".repeat(10_000),
        "'".repeat(10_000),
        "case ".repeat(3_000),
        "else ".repeat(3_000),
        "fn(".repeat(3_000),
        "\u{0}\u{feff}\u{202e}".repeat(5_000),
    ];
    for &language in Language::ALL
        .iter()
        .filter(|language| is_measured(**language))
    {
        for text in &all {
            if let Some(tree) = parse(language, text.as_bytes()) {
                let measures = measure(language, &tree, text.as_bytes(), Settings::default());
                assert!(measures.is_some());
            }
        }
    }
}
