//! The text form of a secret that people read off a screen or a sheet of paper and type in.
//!
//! A word is 27 random letters of an alphabet without look-alikes (135 bits) and a check letter, so that a slip of the
//! finger is told from a wrong code. Shown in groups of four. Reading forgives case, spaces, dashes, Cyrillic
//! look-alikes and a keyboard left in the Russian layout.

use std::fmt;

use domain::fold::{CODE_ALPHABET, check_char, code_is_well_formed, fold_code, other_layout};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::random::{NoRandomness, make_bytes};

/// Random letters of a word, 5 bits each.
const LETTERS: usize = 27;
/// With the check letter.
pub(crate) const WORD: usize = LETTERS + 1;
const GROUP: usize = 4;
/// Text beyond this is not a code with some spaces in it.
const LONGEST_TEXT: usize = 400;

/// Why a text is not a code. A well formed code may still be a wrong one; that is found out by using it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Letters are missing, or there are too many.
    #[error("a code of {expected} letters was expected, {found} were given")]
    Length { expected: usize, found: usize },
    /// There is a letter or a sign that no code has.
    #[error("there is a letter that no code has")]
    Letter,
    /// All letters are possible, but at least one is wrong.
    #[error("at least one letter is mistyped")]
    Mistyped,
}

/// A random word with its check letter, in the canonical form. Wiped when dropped.
#[derive(Clone)]
pub(crate) struct Word(Zeroizing<String>);

impl Word {
    pub(crate) fn make() -> Result<Self, NoRandomness> {
        let random = make_bytes::<LETTERS>()?;
        let mut word = Zeroizing::new(String::with_capacity(WORD));
        // 256 is a multiple of 32: every letter is equally likely
        word.extend(random.iter().map(|byte| char::from(CODE_ALPHABET[usize::from(byte % 32)])));
        let check = check_char(&word);
        word.push(check);
        Ok(Self(word))
    }

    /// Bytes for one purpose. Those of one purpose say nothing about those of another.
    pub(crate) fn derive<const N: usize>(&self, salt: &[u8], purpose: &str) -> Zeroizing<[u8; N]> {
        // HKDF gives so much and no more, so expanding cannot fail
        const { assert!(N <= 255 * 32) };
        let mut bytes = Zeroizing::new([0; N]);
        let filled =
            Hkdf::<Sha256>::new(Some(salt), self.0.as_bytes()).expand(purpose.as_bytes(), bytes.as_mut_slice());
        debug_assert!(filled.is_ok());
        bytes
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Reads as many words as the code has.
pub(crate) fn parse<const N: usize>(text: &str) -> Result<[Word; N], CodeError> {
    if text.chars().count() > LONGEST_TEXT {
        return Err(CodeError::Length { expected: N * WORD, found: text.chars().count() });
    }
    match read(text) {
        Err(error) => match other_layout(text).map(Zeroizing::new) {
            Some(other) => read(&other).map_err(|_| error),
            None => Err(error),
        },
        words => words,
    }
}

fn read<const N: usize>(text: &str) -> Result<[Word; N], CodeError> {
    let folded = Zeroizing::new(fold_code(text));
    let mut letters = Zeroizing::new(String::with_capacity(folded.len()));
    letters.extend(folded.chars().map(nearest));
    if letters.bytes().any(|letter| !CODE_ALPHABET.contains(&letter)) {
        return Err(CodeError::Letter);
    }
    if letters.len() != N * WORD {
        return Err(CodeError::Length { expected: N * WORD, found: letters.len() });
    }
    let words: [&str; N] = std::array::from_fn(|at| &letters[at * WORD..(at + 1) * WORD]);
    if !words.into_iter().all(code_is_well_formed) {
        return Err(CodeError::Mistyped);
    }
    Ok(words.map(|word| Word(Zeroizing::new(word.to_owned()))))
}

/// What is not in the alphabet, but was read off as if it were. The check letter catches the rest.
const fn nearest(letter: char) -> char {
    match letter {
        '1' | 'I' => 'L',
        'З' => '3',
        _ => letter,
    }
}

/// Shows words in groups: `ABCD-EFGH-…`.
pub(crate) fn show(words: &[&Word], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let letters = words.iter().flat_map(|word| word.as_str().chars());
    for (at, letter) in letters.enumerate() {
        if at > 0 && at % GROUP == 0 {
            f.write_str("-")?;
        }
        write!(f, "{letter}")?;
    }
    Ok(())
}
