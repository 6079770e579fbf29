"""Words by which a statement is read: small ones, verbs, what leads in a place, what a person has only one of."""

from __future__ import annotations

import re

__all__ = [
    "BEHIND",
    "CLASS_WORDS",
    "FRAMES",
    "GENERIC",
    "OF",
    "OPENINGS",
    "ORDER",
    "PART",
    "PRONOUN",
    "PRONOUNS",
    "SLOTS",
    "TOLD",
    "VERB",
    "WHERE",
    "WIDE_LITTLE",
    "WIDE_NOW",
]

WIDE_NOW = re.compile(r"(?:现在|現在|目前|如今|已经|已經|今は|もう)(?:は|、|，)?")
WIDE_LITTLE = re.compile(
    "お願いします|お願いしたい|お願い|ではありません|ありません|ません|ない|不再|不|使用|使って|使い|使う|ようになり|ています|います|最近|喜欢|喜歡|好き|请|請|总是|總是|一直|以后|以後|今后|从现在起|每次|都|的|了|我们|我們|我|你|在|是|把|会|要|吗|用"
    "|は|が|を|に|で|と|の|も|です|ます|ました|ください|下さい|いつも|これから|今後|必ず|毎回|して|する|した|私"
)
GENERIC = frozenset(
    """
    prefer like love use using used work want need please thanks thank note remember say said call
    called decision final decided agreed new habit rule habits again really instead now longer
    anymore usually mostly normally typically generally default since last night yesterday today
    week actually correction mistaken scrap wait sorry turns turned after before over update time
    future forward everything thing things way bitte immer jetzt nie lieber nutze verwende künftig
    siempre ahora nunca prefiero uso por favor toujours jamais maintenant préfère utilise sempre
    nunca agora prefiro user solved fixed problem fix it's that's i've we've i'm i'll we'll don't
    let's was were been be is are has have had go goes got get moved move switched switch changed
    change changed dropped replaced history better insist so one ones old former previous earlier
    nowadays days these meanwhile longer ended up rather would could should must may might can
    also too always never often only just still already yet ever every each all any some both
    run runs live lives keep kept hate dislike enjoy stand find stick went gone going come came
    renamed named name names migrated converted pushed postponed shifted set made make makes put
    lowered raised increased reduced bumped cut back mean means meant good fine okay okey scratch
    ignore forget cancelled canceled applies apply valid obsolete outdated jeden jedes mets mettre
    désormais dorénavant finalement passe passé passer ajoute écris escribe escreva ponga pon
    coloque usar utiliza utilize parte partir sowie wurde werden worden umbenannt verschoben
    umgezogen inzwischen mittlerweile ab sofort regel regeln règle règles regla reglas regra regras bit part
    preference memory fact statement write writing year years
    gilt gelten off out up down shut shutdown remove delete second thoughts work worked works refactoring
    remember applies apply true longer entfällt abgesagt annulé moving built build building cancelado
    cancelada vale aplica rename wrong gone
    reminder repeat mentioned s'appelle appelle llama chama called muss musst müssen brauchst brauchen sollst
    required needed necessary
    ending fell through nothing finished in into restriction ban constraint requirement happens happen takes
    place lifted scrapped abandoned decommissioned
    """.split()
)
VERB = re.compile(
    r"(?<=\bi)['’]m\b|\b(?<!-)(?:am|is|are|was|were|will be|isn't|aren't|has|have|got|gets?|runs?|lives?|sits?"
    r"|uses?|means?|starts?|begins?"
    r"|ends?|goes|go|went|stays?|belongs?|contains?|holds?|must|should|stands? for|moved|expires?"
    r"|closes?|opens?"
    r"|ist|sind|war|wurden?|hat|haben|heißt|liegt|liegen|läuft|laufen|bedeutet|endet|beginnt"
    r"|s['’]appelle(?:nt)?|se llaman?|se chamam?|chama-se|est|sont|ont|a été|signifie|se trouve"
    r"|es|son|está|están|significa|pasó|é|são|fica|ficam|foi|foram|passou|tiene|tem|va|van)\b(?!-)"
    r"|是|为|在|改|は|が|叫",
    re.IGNORECASE,
)
OF = re.compile(
    r"\b(?:of|for|with|in|on|at|from|to|by|de|du|des|del|da|do|das|dos|para|pour|für|von|vom|der|mit|im)\b|的|の",
    re.IGNORECASE,
)
FRAMES = re.compile(
    r"\b(?:prefer|like|love|use|want|write|bevorzuge|mag|nutze|verwende|préfère|utilise|aime|prefiero"
    r"|uso|prefiro"
    r"|gosto)\b|喜欢|使用|好き",
    re.IGNORECASE,
)
ORDER = re.compile(
    r"\b(?:before|after|over|than|instead of|rather than|not|vor|nach|statt|als|avant|après|plutôt que|pas"
    r"|antes de|después de|en vez de|depois de|em vez de)\b",
    re.IGNORECASE,
)
WHERE = re.compile(
    r"\b(?:for|when|while|whenever|für|wenn|bei|pour|quand|para|cuando|quando)\s+(?P<for>[^,;.]*)"
    r"|\b(?:in|on|at|im|auf|dans|sur)\s+(?P<at>[^,;.]*)",
    re.IGNORECASE,
)
TOLD = re.compile(
    r"[,;:–—]|\b(?:says?|said|that|because|so|and|but|dass|weil|und|aber|que|porque|parce que|et|mais|y"
    r"|pero)\b",
    re.IGNORECASE,
)
PART = re.compile(r"[,;:，；、]")
"""What divides a sentence."""
CLASS_WORDS = """
    column columns field fields variable variables parameter table file folder server spalte feld variable
    tabelle
    data dataset daten datensatz données datos dados datei ordner colonne champ table fichier dossier columna
    campo tabla archivo carpeta coluna tabela arquivo pasta
    """
BEHIND = re.compile(r"\s*(?:(?:called|named|in|on|at|auf|im|dans|en|em)\b\s*)?", re.IGNORECASE)
SLOTS = {
    "home": re.compile(
        r"\bi(?:'m| am|'ve| have)? (?:just |now |recently )?(?:live|living|based|moved (?:to|from)"
        r"|relocated|located)\b"
        r"|\bi(?:'m)?(?: now)? work(?:ing)? (?:in|from|out of) (?-i:[A-Z])"
        r"|\bich (?:wohne|lebe|bin .* gezogen)\b"
        r"|\b(?:j'habite|je vis|vivo en|moro em|vivo em|me mudé|mudei|déménagé (?:à|au|en))\b"
        r"|我(?:现在)?(?:住|搬到)|住んで|引っ越し",
        re.IGNORECASE,
    ),
    "employer": re.compile(
        r"\bi(?:'m| am)?(?: now)? work(?:ing)? (?:at|for)\b|\bmy employer\b|\bich arbeite (?:jetzt )?bei\b"
        r"|\b(?:je travaille (?:maintenant )?chez|trabajo en|trabalho n[ao])\b|で働いて|工作",
        re.IGNORECASE,
    ),
    "time zone": re.compile(
        r"\btime ?zone\b|\bzeitzone\b|fuseau horaire|zona horaria|fuso horário|时区|タイムゾーン", re.IGNORECASE
    ),
}
PRONOUN = re.compile(r"it|they|he|she|es|er|sie|il|elle|ils|elles|él|ella|ele|ela", re.IGNORECASE)
"""What stands for the subject of the clause before."""
PRONOUNS = re.compile(
    r"\b(?:she/her|he/him|they/them|she/they|he/they|xe/xem|ze/hir|any pronouns)\b", re.IGNORECASE
)
OPENINGS = frozenset(
    """
    i i'm i've i'd we we've we're you it it's they always never please no don't do not from for in on at when
    if ich wir
    du es immer nie bitte kein keine je j nous on tu toujours jamais yo nosotros siempre nunca eu nós sempre use
    since as by after before now ab seit depuis desde maintenant ahora agora jetzt actually sorry final new
    """.split()
)
"""Words with which a statement begins that does not name what it speaks of first."""
