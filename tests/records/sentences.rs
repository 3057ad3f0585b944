//! An id never changes its meaning: the sentence of each requirement is the one that was published with the version
//! that brought it.

use std::fs;
use std::path::Path;

use ring::digest::{SHA256, digest};

use reconnect_acceptance::check::registry;

/// A version, and the sentence of each requirement that it brought: id, level, and the first 16 digits of
/// SHA-256 of "LEVEL sentence".
const PUBLISHED: &[(&str, &[(&str, &str)])] = &[(
    "0.1.0",
    &[
        ("GREETING-1", "b6d983af5199879f"),
        ("GREETING-2", "b7aacc3d87d50525"),
        ("AUTH-1", "52ad304f8b677f81"),
        ("AUTH-2", "bc885978df6b9832"),
        ("AUTH-3", "e2d88494e80d98c0"),
        ("AUTH-4", "c386cf30c65825d0"),
        ("START-1", "79450765e84f6ecc"),
        ("START-2", "4af56f9481a99e73"),
        ("START-3", "ed711c909709dda6"),
        ("START-4", "8b5cf46560081882"),
        ("START-5", "f4406aee245995fc"),
        ("START-6", "3f5294f34596904c"),
        ("START-7", "11af600276e02906"),
        ("CATCHUP-1", "d4799859d0a1968e"),
        ("CATCHUP-2", "d1e7f99a6408d52d"),
        ("CATCHUP-3", "7394a21888e977a0"),
        ("CATCHUP-4", "8192599d17cfc20e"),
        ("CATCHUP-5", "431a35729e871def"),
        ("CATCHUP-6", "caf067f1d48c9246"),
        ("CATCHUP-7", "09046c1090ff02a4"),
        ("HISTORY-1", "e57a48e26fa7ed9c"),
        ("HISTORY-2", "a136bc2d2a1cbb1f"),
        ("REPLAY-1", "04346dda31da68ec"),
        ("REPLAY-2", "65dc0eb3f644900f"),
        ("REPLAY-3", "c4f3727f7e115e70"),
        ("REPLAY-4", "3fcaf4877a29a226"),
        ("REPLAY-5", "9825c20c68ec18a1"),
        ("FAILING-1", "742e6d018300eadb"),
        ("FAILING-2", "6ad42b4c1cef7875"),
        ("CANCEL-1", "59253bd618064ffc"),
        ("CANCEL-2", "c241d01476456c25"),
        ("PAUSE-1", "39af2b64101dda39"),
        ("PAUSE-2", "e0030a0b33567b89"),
        ("HTTP-1", "c75a3dbb195f8f21"),
        ("CONTENT-1", "702165028fa80a63"),
        ("CONTENT-2", "280e3b44f79e4c52"),
        ("CONTENT-3", "f8c1e79938a076c7"),
        ("IDENTITY-1", "5660b71204194cec"),
        ("IDENTITY-2", "be5a293a03cd7e94"),
        ("SEAM-1", "a482823cfff944a8"),
        ("SEAM-2", "2789e9fb6310fb38"),
        ("SEAM-3", "a62fe8a1b96ec1c3"),
        ("FLAPPING-1", "8bf5a3f09343cc4d"),
        ("FLAPPING-2", "c5fc2e2b35495404"),
        ("VIEWERS-1", "07026919d777e34a"),
        ("VIEWERS-2", "c488e3fbcddac1ca"),
        ("VIEWERS-3", "a4756ea32f41214a"),
        ("VIEWERS-4", "ed0b06a266dd5dec"),
        ("VIEWERS-5", "9ea29b6b37dd82a0"),
        ("VIEWERS-6", "dfa4410f7110ae3f"),
        ("VIEWERS-7", "a8773d7528510a8f"),
        ("POSITION-1", "d478a57afa333dc3"),
        ("POSITION-2", "9ece629c37201e43"),
        ("POSITION-3", "79561b2be8cccae0"),
        ("POSITION-4", "32e1ccebc3627ba5"),
        ("POSITION-5", "92c3e638a77058bd"),
        ("RETENTION-1", "5c5d38cc8bf3e2dd"),
        ("RETENTION-2", "58597fec98478ced"),
        ("RETENTION-3", "14a50ffda2edcc97"),
        ("REFUSAL-1", "741680f560a8d17d"),
        ("REFUSAL-2", "598d97fe5d235201"),
        ("REFUSAL-3", "2ccd47813d5cd3a8"),
        ("MALFORMED-1", "bdbaf36a14051a7c"),
        ("MALFORMED-2", "21dafb399fde50b1"),
        ("OWNER-1", "5beb1ef4be8642c1"),
        ("OWNER-2", "3941e6ad59bd28eb"),
        ("RESTART-1", "0ad092905a0fb3b9"),
        ("RESTART-2", "7e388708c88cfe43"),
        ("REPLICA-1", "59d3c8b1b222dc2a"),
        ("REPLICA-2", "53135ad9191498f3"),
        ("CLOSE-1", "4738b95e2018043b"),
        ("LIVENESS-1", "23786ef94a1aadc0"),
    ],
)];

/// Requirements whose sentence is another one in a later version of the set, and that version. Its section of the
/// changelog names each: whoever gates with an older set uses `--as-of`.
const REWORDED: &[(&str, &str)] = &[("CATCHUP-6", "0.2.0")];

/// The version that is not published yet: its sentences can still be bettered.
const UNPUBLISHED: &str = "0.2.0";

fn hash(level: &str, sentence: &str) -> String {
    let text = format!("{level} {sentence}");
    let digest = digest(&SHA256, text.as_bytes());
    digest.as_ref()[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[test]
fn no_published_sentence_changes() {
    for (version, sentences) in PUBLISHED {
        for (id, published) in *sentences {
            let Some(requirement) = registry::find(id) else {
                panic!(
                    "{id} was published with version {version} and is gone: reports of users name it"
                );
            };
            assert_eq!(
                requirement.since, *version,
                "{id} was published with version {version}; `since` says otherwise"
            );
            if REWORDED.iter().any(|(reworded, _)| reworded == id) {
                continue;
            }
            let now = hash(&requirement.level.to_string(), requirement.sentence);
            assert_eq!(
                now, *published,
                "the level or sentence of {id} is no longer that of version {version}: {} {:?}. An id never changes \
                 its meaning, since users gate their releases with it. Take the sentence back, and say what is new \
                 in a requirement of its own, with a new id and `since: \"{UNPUBLISHED}\"`. If the set of \
                 {UNPUBLISHED} must have another sentence, name the id in REWORDED here and in the changelog.",
                requirement.level, requirement.sentence
            );
        }
    }
}

#[test]
fn every_sentence_is_published_or_of_the_version_to_come() {
    let published = |id: &str| {
        let mut all = PUBLISHED.iter().flat_map(|(_, sentences)| *sentences);
        all.any(|(known, _)| *known == id)
    };
    for it in registry::all().filter(|it| !published(it.id)) {
        assert_eq!(
            it.since,
            UNPUBLISHED,
            "{} is in no published version: its `since` must be {UNPUBLISHED}, the version to come. When that is \
             published, add it here: (\"{}\", \"{}\")",
            it.id,
            it.id,
            hash(&it.level.to_string(), it.sentence)
        );
    }
    assert_eq!(
        env!("CARGO_PKG_VERSION"),
        UNPUBLISHED,
        "the version to come is the crate's"
    );
}

#[test]
fn the_changelog_names_every_sentence_that_is_another_one() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("CHANGELOG.md");
    let changelog = fs::read_to_string(file).expect("CHANGELOG.md");
    for (id, version) in REWORDED {
        let section = changelog
            .split("\n## ")
            .find(|section| section.starts_with(&format!("[{version}]")));
        let section = section.unwrap_or_else(|| panic!("CHANGELOG.md has no section [{version}]"));
        assert!(
            section.contains(id),
            "CHANGELOG.md, [{version}]: say how {id} was reworded"
        );
    }
}
