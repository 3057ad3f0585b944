//! From judgements to verdicts.
