"""What a meeting does besides statements, said in English, French and Spanish; all of the wording is invented."""

from __future__ import annotations

import pytest

from floorlog.interventions import Intervention
from tests.spoken import Line, log_of

REST = "The matter is of some weight, and it will be with us for many more years."
OPENINGS = {
    "en": "I call to order this meeting. I now give the floor to the representative of Norway.",
    "fr": "La séance est ouverte. Je donne maintenant la parole au représentant de la Norvège.",
    "es": "Se abre la sesión. Tiene la palabra la distinguida representante de Noruega.",
}
LANGUAGES = pytest.mark.parametrize("language", ["en", "fr", "es"])


def norway(chair: str, said: str = "") -> Intervention:
    """What the one says to whom the chair gives the floor so."""
    return log_of([Line("chair", chair), Line("norway", f"{said} {REST}")])[1]


def chairs(language: str, said: str) -> Intervention:
    """What the chair says behind a statement."""
    return log_of([Line("chair", OPENINGS[language]), Line("norway", REST), Line("chair", said)])[-1]


@pytest.mark.parametrize(
    ("language", "said", "kind"),
    [
        ("en", "The meeting is now suspended.", "suspension"),
        ("fr", "La séance est maintenant suspendue.", "suspension"),
        ("es", "Se suspende la sesión.", "suspension"),
        ("en", "Let us stand for a minute of silence.", "minute_of_silence"),
        ("fr", "Je vous invite à observer une minute de silence.", "minute_of_silence"),
        ("es", "Les invito a guardar un minuto de silencio.", "minute_of_silence"),
        ("en", "We shall now proceed to the vote. A recorded vote has been requested.", "vote"),
        ("fr", "Un vote enregistré a été demandé. Nous allons maintenant procéder au vote.", "vote"),
        ("es", "Se ha pedido votación registrada. Procederemos ahora a la votación.", "vote"),
        ("en", "The draft resolution before us was adopted. It is so decided.", "vote"),
        ("fr", "Le projet de résolution dont nous sommes saisis est adopté. Il en est ainsi décidé.", "vote"),
        ("es", "El proyecto de resolución que nos ocupa queda aprobado. Así queda acordado.", "vote"),
        ("en", "The meeting is resumed.", "procedural"),
        ("fr", "La séance est reprise.", "procedural"),
        ("es", "Se reanuda la sesión.", "procedural"),
    ],
)
def test_what_the_chair_does_has_its_kind(language: str, said: str, kind: str) -> None:
    """A vote, a pause and a silence are looked for by kind, in whatever language the chair presides."""
    log = chairs(language, said)
    assert (log.attribution.entity, log.kind) == ("CHAIR", kind)


@pytest.mark.parametrize(
    ("chair", "entity", "role", "kind"),
    [
        ("I give the floor to the observer of the Holy See.", "VAT", "observer", "statement"),
        ("Je donne la parole à l'observateur du Saint-Siège.", "VAT", "observer", "statement"),
        ("Doy la palabra al observador de la Santa Sede.", "VAT", "observer", "statement"),
        ("I give the floor to the representative of the European Union.", "EU", "observer", "statement"),
        ("Je cède la parole à la représentante de l'Union européenne.", "EU", "observer", "statement"),
        ("Cedo la palabra a la representante de la Unión Europea.", "EU", "observer", "statement"),
        ("I invite the Secretary-General to take the floor.", "UN:SG", "un_official", "briefing"),
        ("J'invite le Secrétaire général à prendre la parole.", "UN:SG", "un_official", "briefing"),
        ("Invito al Secretario General de las Naciones Unidas a tomar la palabra.", "UN:SG", "un_official", "briefing"),
        ("I give the floor to the President of the Human Rights Council.", "UN:HRC", "un_official", "briefing"),
        ("Je donne la parole au Président du Conseil des droits de l'homme.", "UN:HRC", "un_official", "briefing"),
        ("Doy la palabra al Presidente del Consejo de Derechos Humanos.", "UN:HRC", "un_official", "briefing"),
        (
            "We shall now hear a pre-recorded statement by the representative of Norway.",
            "NOR",
            "member_state",
            "video_statement",
        ),
        (
            "Nous allons maintenant voir une déclaration vidéo du représentant de la Norvège.",
            "NOR",
            "member_state",
            "video_statement",
        ),
        ("Veremos ahora un mensaje pregrabado del representante de Noruega.", "NOR", "member_state", "video_statement"),
    ],
)
def test_all_who_may_speak_are_told_apart(chair: str, entity: str, role: str, kind: str) -> None:
    """Observers, organizations, officials and presidents have no vote, and a film has nobody in the room."""
    found = norway(f"{chair}")
    assert (found.attribution.entity, found.role, found.kind) == (entity, role, kind)


@pytest.mark.parametrize(
    ("chair", "said", "kind"),
    [
        ("Norway has asked for its right of reply. The representative of Norway has the floor.", "", "right_of_reply"),
        ("Une délégation souhaite exercer son droit de réponse. La parole est à la Norvège.", "", "right_of_reply"),
        ("Una delegación desea ejercer su derecho a réplica. Tiene la palabra Noruega.", "", "right_of_reply"),
        (OPENINGS["en"], "I take the floor in exercise of our right of reply.", "right_of_reply"),
        (OPENINGS["fr"], "Je prends la parole pour exercer notre droit de réponse.", "right_of_reply"),
        (OPENINGS["es"], "Hago uso de la palabra en ejercicio de nuestro derecho de réplica.", "right_of_reply"),
        ("I recognize the representative of Norway on a point of order.", "", "point_of_order"),
        ("Je donne la parole à la représentante de la Norvège pour une motion d'ordre.", "", "point_of_order"),
        ("Doy la palabra al representante de Noruega para una cuestión de orden.", "", "point_of_order"),
        (
            "I give the floor to the representative of Norway, who wishes to explain its vote.",
            "",
            "explanation_of_vote",
        ),
        ("Je donne la parole à la Norvège pour une explication de vote après le vote.", "", "explanation_of_vote"),
        ("Doy la palabra a Noruega para una explicación de voto antes de la votación.", "", "explanation_of_vote"),
    ],
)
def test_what_one_takes_the_floor_for_is_heard(chair: str, said: str, kind: str) -> None:
    """Each of them follows rules of its own, and the chair or the speaker says which."""
    found = norway(chair, said)
    assert (found.attribution.entity, found.kind) == ("NOR", kind)


VOTING = {
    "en": (
        "I call to order this meeting. We shall now hear explanations of vote before the vote. Norway has the floor.",
        "I thank the representative of Norway. I give the floor to the representative of Peru.",
        "I thank the representative of Peru. We have heard the last speaker in explanation of vote before the vote. "
        "I now give the floor to the representative of Fiji.",
    ),
    "fr": (
        "La séance est ouverte. Nous entendrons les explications de vote avant le vote. La parole est à la Norvège.",
        "Je remercie le représentant de la Norvège. Je donne la parole au représentant du Pérou.",
        "Je remercie le représentant du Pérou. Nous avons entendu le dernier orateur pour les explications de vote. "
        "Je donne maintenant la parole au représentant des Fidji.",
    ),
    "es": (
        "Se abre la sesión. Escucharemos las explicaciones de voto antes de la votación. Tiene la palabra Noruega.",
        "Agradezco al representante de Noruega. Doy la palabra al representante del Perú.",
        "Agradezco al representante del Perú. Hemos escuchado al último orador en explicación de voto. "
        "Doy ahora la palabra al representante de Fiji.",
    ),
}


@LANGUAGES
def test_explanations_of_vote_end_with_the_last_of_them(language: str) -> None:
    """Announced once, they last for all who explain, and not for the debate that follows."""
    first, second, third = VOTING[language]
    log = log_of(
        [
            Line("chair", first),
            Line("norway", REST),
            Line("chair", second),
            Line("peru", REST),
            Line("chair", third),
            Line("fiji", REST),
        ]
    )
    assert [item.kind for item in log if item.attribution.entity != "CHAIR"] == [
        "explanation_of_vote",
        "explanation_of_vote",
        "statement",
    ]
    assert [item.attribution.entity for item in log[1::2]] == ["NOR", "PER", "FJI"]


@pytest.mark.parametrize(
    ("language", "draft"),
    [
        ("en", "I have the honour to introduce the draft resolution on the sea."),
        ("fr", "J'ai l'honneur de présenter le projet de résolution sur la mer."),
        ("es", "Tengo el honor de presentar el proyecto de resolución sobre el mar."),
    ],
)
def test_who_introduces_a_draft_explains_no_vote(language: str, draft: str) -> None:
    """Not every chair says that the explanations are over; the next item tells."""
    first, second, _ = VOTING[language]
    log = log_of([Line("chair", first), Line("norway", REST), Line("chair", second), Line("peru", f"{draft} {REST}")])
    assert [item.kind for item in log[1::2]] == ["explanation_of_vote", "statement"]


@pytest.mark.parametrize(
    ("language", "order", "chair", "rest"),
    [
        (
            "en",
            "Point of order, Madam President. The speaker should keep to the agenda.",
            "I take note of the point of order. Norway may continue.",
            "I will conclude.",
        ),
        (
            "fr",
            "Motion d'ordre, Madame la Présidente. L'orateur doit s'en tenir à l'ordre du jour.",
            "Je prends note de la motion d'ordre. La Norvège peut poursuivre.",
            "Je vais conclure.",
        ),
        (
            "es",
            "Una cuestión de orden, señora Presidenta. El orador debe ceñirse al orden del día.",
            "Tomo nota de la cuestión de orden. Noruega puede continuar.",
            "Voy a concluir.",
        ),
    ],
)
def test_an_interrupted_statement_resumes_as_one(language: str, order: str, chair: str, rest: str) -> None:
    """It is one record with two spans, whoever spoke between."""
    lines = [Line("chair", OPENINGS[language]), Line("norway", REST), Line("syria", f"{order} {REST}")]
    log = log_of([*lines, Line("chair", chair), Line("norway", f"{rest} {REST}")])
    assert [item.kind for item in log] == ["chair", "statement", "point_of_order", "chair"]
    assert (len(log[1].spans), log[1].attribution.entity) == (2, "NOR")


@pytest.mark.parametrize(
    ("language", "chair", "rest"),
    [
        ("en", "The meeting is suspended. The meeting is resumed. Norway may continue.", "I go on."),
        ("fr", "La séance est suspendue. La séance est reprise. La Norvège peut reprendre.", "Je poursuis."),
        ("es", "Se suspende la sesión. Se reanuda la sesión. Noruega puede continuar.", "Continúo."),
    ],
)
def test_a_statement_outlasts_a_suspension(language: str, chair: str, rest: str) -> None:
    """Who had the floor when the meeting was suspended has it when it is resumed."""
    lines = [Line("chair", OPENINGS[language]), Line("norway", REST), Line("chair", chair)]
    log = log_of([*lines, Line("norway", f"{rest} {REST}")])
    assert [(item.kind, len(item.spans)) for item in log] == [("chair", 1), ("statement", 2), ("suspension", 1)]


@pytest.mark.parametrize(
    ("language", "said", "capacity"),
    [
        ("en", "I shall add a few words in my national capacity.", "national capacity"),
        ("fr", "J'ajouterai quelques mots à titre national.", "titre national"),
        ("es", "Añadiré unas palabras a título nacional.", "título nacional"),
        ("en", "I speak in my capacity as Chair of the African Group.", "Chair of the African Group"),
        ("fr", "Je parle en ma qualité de présidente du Groupe de Rio.", "présidente du Groupe de Rio"),
        ("es", "Hablo en mi calidad de coordinador del Grupo de Río.", "coordinador del Grupo de Río"),
        ("en", "We thank Sweden in its capacity as Chair of the Rio Group.", None),
        ("fr", "Nous remercions la Suède en sa qualité de présidente du Groupe de Rio.", None),
        ("es", "Agradecemos a Suecia en su calidad de coordinador del Grupo de Río.", None),
    ],
)
def test_the_role_is_the_speakers_own(language: str, said: str, capacity: str | None) -> None:
    """In which capacity somebody else did something says nothing about who speaks."""
    assert norway(OPENINGS[language], said).capacity == capacity


@pytest.mark.parametrize(
    ("language", "chair", "said"),
    [
        ("en", "I now give the floor to Her Excellency Ms. Jane Doe, Minister for Foreign Affairs of Norway.", ""),
        ("fr", "Je donne la parole à Son Excellence Mme Jane Doe, Ministre des affaires étrangères de la Norvège.", ""),
        ("es", "Tiene la palabra la Excma. Sra. Jane Doe, Ministra de Relaciones Exteriores de Noruega.", ""),
        ("en", OPENINGS["en"], "My name is Jane Doe, and I am new in this hall."),
        ("fr", OPENINGS["fr"], "Je m'appelle Jane Doe, et je suis nouvelle dans cette salle."),
        ("es", OPENINGS["es"], "Me llamo Jane Doe, y soy nueva en esta sala."),
    ],
)
def test_a_person_is_introduced_by_the_chair_or_by_himself(language: str, chair: str, said: str) -> None:
    """Nobody else knows the names of those who speak."""
    found = norway(chair, said)
    assert (found.attribution.entity, found.person) == ("NOR", "Jane Doe"), language
