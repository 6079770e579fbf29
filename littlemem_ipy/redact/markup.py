"""Markup that acts or pretends: active HTML, forged roles and tool calls, ends of fences, leaking links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .findings import Finding

__all__ = ["forged_markup"]


@dataclass(frozen=True, slots=True)
class _Form:
    kind: str
    reason: str
    triggers: tuple[str, ...]
    pattern: re.Pattern[str]
    mentions: bool  # a sentence about the form (a template, a token) is no use of it


def _form(kind: str, reason: str, triggers: str, pattern: str, mentions: bool = True) -> _Form:
    return _Form(kind, reason, tuple(triggers.split()), re.compile(f"(?x){pattern}"), mentions)


_ROLES = "(?:system|developer|assistant|user|tool|human|model|ipython|admin|operator|function)"
_FENCES = r"(?:[a-z]{1,12}[_-])?(?:memory|memories|memor(?:y|ies)[_-]?(?:block|context|data)|system|instructions?|prompt|reference|untrusted)"
_FENCES_LOOSE = r"(?:context|data|document|documents|notes?|message|conversation|transcript|user|block|tool_result|result|output|search_results?)"
_ACTIVE = "active content"
_HTML = "HTML that runs or loads something"

_FORMS = (
    _form(_ACTIVE, _HTML, "<script", r"<script(?:\s[^<>]{0,300}\bsrc|\s{0,4}>[^<]{0,2000}</script|[^<>]{0,80}>\s{0,9}[\w.$]{2,80}\s?[(=])", False),
    _form(_ACTIVE, _HTML, "<style", r"<style[^<>]{0,120}>[^<]{0,800}\{", False),
    _form(_ACTIVE, _HTML, "<iframe <object <embed <frame <applet <portal",
          r"<(?:iframe|object|embed|frame|applet|portal)\s[^<>]{0,300}?\b(?:src|srcdoc|data|code)\s{0,3}=", False),
    _form(_ACTIVE, _HTML, "<base <link <form", r"<(?:base|link|form)\s[^<>]{0,300}?\b(?:href|action|formaction)\s{0,3}=", False),
    _form(_ACTIVE, _HTML, "<meta", r"<meta\s[^<>]{0,200}?http-equiv\s{0,3}=", False),
    _form(_ACTIVE, "an element with an event handler", "on",
          r"<[a-z][\w:-]{0,30}(?:[\s/][^<>]{0,300}?)?[\s/\"']on[a-z]{3,24}\s{0,3}=", False),
    _form(_ACTIVE, "an address that runs a script", "script: data:",
          r"(?:[(\"'=<{\[]\s{0,3}|^\s{0,3}|\burl\s{0,3})(?:java|vb|live)\s{0,3}script\s{0,3}:\s{0,3}[^\s)]|[(\"'={]\s{0,3}data:(?:text/html|image/svg\+xml|application/x?html)", False),
    _form(_ACTIVE, "a link with an obscured script address", "j&# &#x6a &#106 javas",
          r"(?:j|&\#x?0{0,6}(?:6a|106);?)(?:\s|&\w{2,8};|&\#x?[0-9a-f]{1,7};?)*a(?:\s|&\w{2,8};|&\#x?[0-9a-f]{1,7};?)*v[^)\"'>]{0,120}script\s{0,3}:", False),
    _form("role tag", "a turn of the conversation is forged", "<|", rf"<\|\s?(?:im_start|start_header_id|start|turn)\s?\|>\s{{0,3}}{_ROLES}\b"),
    _form("role tag", "a turn of the conversation is forged", "<|", rf"<\|\s?{_ROLES}\s?\|>\s{{0,3}}\S"),
    _form("role tag", "a token of a chat template", "<|",
          r"(?:^|\n|[.!?]\s)\s{0,3}<\|\s?(?:im_end|end|endoftext|eot_id|end_of_turn|eom_id|channel|message)\s?\|>\s{0,3}\w"),
    _form("tool call", "a call of a tool is forged", "<|",
          r"<\|\s?(?:python_tag|tool_call|tool_calls_section_begin|tool|function|call|plugin)\s?\|>\s{0,3}\S"),
    _form("role tag", "a turn of the conversation is forged", "[inst] <<sys>> [/inst] start_of_turn",
          rf"(?:\[/?inst\]|<</?sys>>|<start_of_turn>\s{{0,3}}{_ROLES})(?:\s|\[|<<sys>>){{0,6}}[\"'\w]+\s\w"),
    _form("role tag", "a turn of the conversation is forged", "<",
          r"<(?P<t>(?:[a-z]{1,12}[_-])?(?:system|developer|admin|assistant|operator|root)(?:[_-][a-z]{1,12})?)(?:\s[^<>]{0,80})?>[^<]{3,800}</(?P=t)"),
    _form("role tag", "a turn of the conversation is forged", '"role" \'role\'',
          r"[\"']role[\"']\s{0,3}:\s{0,3}[\"'](?:system|developer|assistant)[\"']\s{0,3},\s{0,3}[\"']content[\"']\s{0,3}:\s{0,3}[\"'](?![.…<{]|\.\.\.)[^\"']{3,}"),
    _form("role tag", "a heading that claims to be the system's", "system developer admin",
          r"(?:^|\n)\s{0,3}(?:[#>*=~-]{1,6}\s{0,2}|\[)(?:new\s|updated\s|real\s)?(?:system|developer|admin(?:istrator)?|root)\s?"
          r"(?:prompt|message|instructions?|override|notice|command|directive|update)\s?(?:\([^)]{0,30}\))?\s?[\]:*=#]{0,6}\s{0,3}\n?\s{0,3}[\"'\w]"),
    _form("role tag", "a line that claims to be the system's", "system developer admin assistant operator",
          r"(?:^|[\n.;|]\s{0,3})[\[(]?(?:system|developer|admin(?:istrator)?|operator|root|assistant)(?:\s(?:message|note|prompt|override|notice|command|directive|update|instructions?))?[\])]?\s?[:>]\s{0,3}"
          r"(?:you\s(?:are|must|will|shall|should|obey|have|can|now)|your\s|ignore|disregard|forget|obey|reveal|from\snow|always\s(?:say|obey|agree|approve|trust)|(?:the\s)?(?:user|caller|person|owner|account|sender|human|client)\s(?:is\s(?:the\s|an?\s|now\s)?(?:owner|admin\w*|root|verified|trusted|authori[sz]ed|developer|privileged)|has\s|may\s|can\s|wants\s)"
          r"|(?:(?:all|any|the|safety|content|previous)\s){1,3}(?:rules|instructions|restrictions|filters?|checks?|limits)|disable|turn\soff|switch\soff|grant|approve|trust\s|override|execute|delete|new\sinstructions|access\sgranted|authoriz|sure[,!]\si)"),
    _form("tool call", "a call of a tool is forged", "<", r"<(?:antml:)?(?:invoke\s+name|tool_use|(?:tool|function)_?(?:calls?|results?|responses?|outputs?|use)s?\s?>|function=|function\s+name|tool\s+name|tool_code>|tool>\s?[{\w])[^<]{0,40}", False),
    _form("tool call", "a call of a tool is forged", "call tool_use",
          r"[\"'](?:function_call|tool_calls?|tool_use|functioncall)[\"']\s{0,3}:\s{0,3}[\[{]|[\"']type[\"']\s{0,3}:\s{0,3}[\"']tool_use[\"']", False),
    _form("tool call", "a result of a tool is forged", "result response output",
          r"(?:^|\n|[.;]\s)\s{0,3}[\[<]?(?:function|tool|observation)[_ ]?(?:result|response|output)s?[\]>]?\s?:\s{0,3}[{\[\"]"),
    _form("tool call", "a step of an agent is forged", "action", r"(?:^|\n)\s{0,3}action\s?:\s?[\w.]+\s{0,3}\n\s{0,3}action\s?input\s?:"),
    _form("fence", "the end of the block of memories is forged", "</ ]]>",
          rf"</\s?{_FENCES}(?:[_-][a-z0-9]{{1,16}})?\s{{0,3}}>(?!\s{{0,2}}(?:tags?|elements?|closes|is|must|should|after|at|in|the\send|token))"),
    _form("fence", "the end of a block is forged and orders follow", "</ ]]>",
          rf"(?:</\s?{_FENCES_LOOSE}\s?>|\]\]>)[\s\S]{{0,60}}?(?:<(?:system|instructions?|developer|admin)|\b(?:instructions?|system|assistant)\b\s?[:>]|\bnew\sinstructions|\byou\s(?:must|are|will|now)|\bignore\b|\bnow\s(?:obey|comply|follow|do|run|execute|send|reveal))"),
    _form("fence", "the end of the memories is announced", "end fin ende",
          r"(?:^|\n|[-=#*_~<\[(]{2,}\s{0,3}|[\"'`]{3}\s{0,3}\n?\s{0,3}[#/]{0,3}\s?)(?:the\s)?(?:end|close|stop)(?:\s|_)?(?:of)?(?:\s|_)?(?:the\s|all\s|user\s|this\s)?(?:memory|memories|context|reference|notes|data|document|untrusted|block|section|input|prompt|user)\b"
          r"(?:\s(?:block|section|data|context|list|input|prompt|message))?\s{0,3}[-=#*_~>\])]{2,}"),
    _form("fence", "the end of the memories is announced", "ends end here over finished",
          r"\b(?:memory|memories|context|notes|reference|(?:data|memory|user|untrusted)\s(?:block|section|data|input))\s(?:ends?|stops?|is\sover|finished|closed)\s(?:here|now|above)"),
    _form("fence", "a field of instructions is smuggled in", "instruction system messages",
          r"[\"']\s{0,3}[}\]]\s{0,3}[}\]]?\s{0,3},\s{0,3}\{?\s{0,3}[\"'](?:instructions?|system|messages|role|override|command|system_prompt)[\"']\s{0,3}:"),
    _form("fence", "a block of trusted text is forged", "block section begin",
          r"(?:\b(?:trusted|verified|privileged|signed|authoritative|admin(?:istrator)?)\s(?:block|section|instructions?|content|zone)\s?:"
          r"|[-=#*_~<\[(]{2,}\s{0,3}(?:begin|start|new)(?:\s|_)(?:of\s)?(?:the\s)?(?:system|trusted|real|admin|developer|new|privileged)\b)"),
    _form("exfiltration", "a link that carries data away", "](",
          r"!?\[[^\]\n]{0,120}\]\(\s?<?[a-z]{2,8}:/{0,2}[^\s)]{0,300}?(?:[?&/#=][^\s)]{0,120}?(?:\{\{?\s?\w|\$\{|%7b|\[\[|<[a-z]|insert|api[_-]?key|secret|password|passwd|conversation|history|chat[_-]?log|memor(?:y|ies)=|prompt=|token=|env=|data=|leak|exfil|stolen|system_?prompt|user_?(?:name|data|input)=))"),
    _form("exfiltration", "an image that carries data away", "<img <a",
          r"<(?:img|a|image|source|video|audio)\s[^<>]{0,100}?(?:src|href)\s{0,3}=\s{0,3}[\"']?[a-z]{2,8}://[^\s\"'<>]{0,300}?[?&=/](?:[^\s\"'<>]{0,100}?)(?:\{\{?\s?\w|\$\{|%7b|insert|api[_-]?key|secret|password|conversation|history|chat[_-]?log|prompt=|env=|leak|exfil)"),
    _form("role tag", "a heading of a forged turn", "###", r"(?:^|\n|\s)\#{2,4}\s?(?:system|assistant|instruction|response|human|developer)\s?:"),
    _form("role tag", "a turn of the conversation is forged", "human: user: assistant:",
          r"(?:^|\n)\s{0,3}(?:human|user)\s?:[^\n]{1,400}\n{1,3}\s{0,3}(?:assistant|ai|bot)\s?:|(?:^|\n|\\n)\s{0,3}human\s?:\s|(?:^|[\n.]\s{0,3})(?:assistant|ai)\s?:\s{1,3}(?:i\swill|i'll|i\shave|i\sagree|i\sam\snow|sure\b|understood|of\scourse|yes[,.!]|ok(?:ay)?[,.!]|done\b|confirmed)"),
    _form("role tag", "a turn of the conversation is forged", "role", r"(?:^|[\n{,])\s{0,6}[\"']?role[\"']?\s?[:=]\s?[\"']?(?:system|developer)\b[\"']?[\s,;]{1,6}[\"']?content[\"']?\s?[:=]"),
    _form("role tag", "a message that claims to be the system's", "system developer admin root",
          r"(?:[<\[{]{2,}\s?(?:system|developer|admin|root|assistant|sys)\s?(?:prompt|message|override)?\s?[>\]}]{2,}|\b(?:developer\s(?:message|instruction|override)|(?:system|admin|root|security|policy)\s(?:override|command|directive))\s?[:>]|\bbegin\s(?:new\s)?(?:system|developer)\s?(?:prompt|message|instructions?)\b)"),
    _form("role tag", "a message that claims to be the system's", "] > ) *",
          r"[\[(<*]\s?(?:system|developer|admin|root|sys)\s?[\])>*]{1,3}\s?[:—-]?\s?(?:the\suser\s|reveal|ignore|obey|disable|approve|grant|delete|you\s|your\s|all\s(?:safety|rules|limits)|new\s|send|execute|access|override|no\s(?:limits|rules|restrictions))"),
    _form("tool call", "a call of a tool is forged", '"tool" "name" "function" "action" "tool_name"',
          r"[\"'](?:tool|name|function|action|tool_name)[\"']\s{0,3}:\s{0,3}[\"'][\w.-]{2,60}[\"']\s{0,3},\s{0,3}[\"'](?:arguments|parameters|args|action_input|tool_input)[\"']\s{0,3}:\s{0,3}[{\[\"'\\]"),
    _form("tool call", "a call of a tool is forged", "tool_code execute_code",
          r"```\s?tool_(?:code|call|output|use)|\b(?:execute_code|run_code|execute_command|run_shell|shell_exec)\(\s?[\"']"),
    _form("tool call", "a result of a tool is forged", "result response output observation",
          r"(?:^|\n|[.;>\])]\s{0,3})\[?(?:(?:function|tool)[_ ](?:call[_ ])?(?:result|response|output)s?|observation)\]?\s?[:=]\s{0,3}(?:the\s)?(?:approved|granted|confirmed|authori[sz]ed|success|allowed|(?:user|admin\w*|human)\s[^\n.]{0,20}(?:approved|granted|confirmed|authori[sz]ed|agreed|is\sadmin|allows|consent\w*|wants))"),
    _form("fence", "the end of the memories is forged", "[/ {/ {% end",
          r"[\[{]{1,2}%?\s?/\s?(?:user[_ ])?(?:memory|memories|context|system|reference|untrusted|data\sblock|notes)\s?%?[\]}]{1,2}"),
    _form("fence", "a message is smuggled in", "role", r"[\"'\]}]\s{0,3},?\s{0,3}\{\s{0,3}[\"']role[\"']\s{0,3}:"),
    _form("fence", "the end of the memories is announced", "end",
          r"\bend\s(?:of\s)?(?:the\s|all\s|user\s)?(?:memory|memories|context|reference|untrusted\s\w+|data\sblock|data|memory\sblock|retrieved\s\w+|user\sinput|stored\snotes)\s?[.:;!)\]*>-]{1,6}\s{0,3}(?:now\b|next\s?:|new\s(?:system|instructions?|orders?|task|rules?)|begin|instructions?\s?:|you\s(?:must|are|will|should)|the\s(?:real|actual|following)|system|ignore|assistant|from\shere)"),
    _form("fence", "the end of a page is forged and orders follow", "</",
          r"</(?:html|body|div|pre|code|p|article|section|table)>\s{0,5}(?:ignore|disregard|obey|system\s?:|instructions?\s?:|you\s(?:must|are\snow|will)|assistant\s?[:,])"),
    _form(_ACTIVE, "a cell that runs code in the page", "%%javascript %%js %%html %%svg",
          r"(?:^|\n)\s{0,3}%%(?:javascript|js|html|svg)\b[^\n]{0,60}\n[\s\S]{0,400}?(?:<script|\bfetch\(|\beval\(|document\.|jupyter\.|ipython\.|kernel\.|window\.|alert\()", False),
    _form(_ACTIVE, "an address that carries a page of its own", "data:", r"(?:^|\s)data:(?:text/html|image/svg\+xml|application/xhtml\+xml|text/javascript|application/javascript)[;,]", False),
    _form(_ACTIVE, _HTML, "<script", r"<script\s[^<>]{0,200}>(?=\s{0,3}\S)(?!\s{0,3}(?:tags?|elements?|is|are|in|and|or|blocks?)\b)", False),
    _form("exfiltration", "an image that reports back", "<img", r"<img\s[^<>]{0,100}?src\s{0,3}=\s{0,3}[\"']?(?:https?:)?//[^\s\"'<>]{0,200}?(?:pixel|track|beacon|collect|steal|/log\b|[?&](?:u|user|mail|email|session|id|d|q|data)=)", False),
    _form("tool call", "a call of a tool is forged", "[tool to= tool_call_id recipient_name functioncall(",
          r"\[tool_(?:calls?|results?|use)\]|\bto=(?:functions?|python|browser|bio|tools?)\b|[\"'](?:tool_call_id|recipient_name|tool_choice)[\"']\s?:|\bfunctioncall\("),
    _form("tool call", "a call of a tool is forged", '"function" "cmd" "command" "shell"',
          r"[\"']function[\"']\s{0,3}:\s{0,3}\{\s{0,3}[\"']name[\"']|[\"'](?:cmd|command|shell|code)[\"']\s{0,3}:\s{0,3}\[?[\"'](?:!|sudo\s|rm\s-|curl\s|wget\s|bash\s|sh\s-c|cat\s[~/]|os\.system|nc\s)"),
    _form("tool call", "a step of an agent is forged", "tool: action: function:",
          r"(?:^|\n)\s{0,3}(?:tool|action|function)\s?:\s?[\w.]{2,40}\s?[,;\n]\s{0,3}(?:args?|arguments|input|parameters|tool\sinput)\s?:"),
    _form("fence", "a field of instructions is smuggled in", '"system" "instruction" \'system \'instruction "role" "override" "admin"',
          r"^[^{]{0,400}[\"']\s?,\s?[\"'](?:system|instructions?|role|system_prompt|admin|override|developer)[\"']\s?:"),
    _form("fence", "the end of the memories is announced", "end_of end of",
          r"(?:^|\n|[<\[(#=*-]{1,6}\s?)end[\s_]of[\s_](?:the[\s_])?(?:notes?|reference|memories|memory|context|data\sblock|quoted\stext|user[\s_]data|retrieved[\s_]\w+|untrusted[\s_]\w+|background|knowledge|facts|user\snotes|stored\s\w+)(?:\s?(?:block|section))?\s{0,3}(?:[>\])#=*-]|\n|[.:!]\s{0,3}\S|$)"),
    _form("fence", "the end of the memories is announced", "notes memories reference block",
          r"\b(?:the\s)?(?:notes|memories|reference|quoted\stext|data|memory)\s(?:stops?|ends?|finishes|is\sover|are\sover)\s(?:here|now|at\sthis\s(?:line|point))\b"),
    _form("fence", "a block of orders is opened", "begin start",
          r"[-=#*_~<\[(]{2,}\s{0,3}(?:begin|start)(?:\s|_)(?:of\s)?(?:the\s)?(?:new\s|real\s|hidden\s)?(?:instructions?|orders|commands?|developer|system|admin|prompt)\b"),
    _form(_ACTIVE, "a script of the page", "document.cookie document.write eval(atob window.location localstorage notebook.kernel jupyter.notebook base/js/namespace constructor.constructor expression(",
          r"\bdocument\.(?:cookie|write\(|location)|\beval\(\s?atob\(|\bwindow\.(?:location\s?=|open\(|parent)|\blocalstorage\.(?:get|set)|\b(?:ipython|jupyter)\.notebook\.|base/js/namespace|constructor\.constructor\(|:\s?expression\("),
    _form(_ACTIVE, "a link definition that runs a script", "script: data:text", r"(?:^|\n)\s{0,3}\[[^\]\n]{1,60}\]:\s{0,3}<?(?:javascript:|vbscript:|data:text)|<(?:javascript|vbscript|data):[^>\n]{2,}>", False),
    _form(_ACTIVE, _HTML, "<style @import", r"<style[^<>]{0,120}>\s{0,9}@import|@import\s{1,3}(?:url\()?\s?[\"']?(?:https?:)?//", False),
    _form(_ACTIVE, _HTML, "<script", r"<scr<script|<script\s{0,3}/|<script\b[^>]{0,60}>[^<\n]{0,200}(?:\(|=|;)", False),
    _form(_ACTIVE, "an element that loads from outside", "<img <image <use <video <audio <source <track <input <frameset <bgsound <isindex <template <noscript <xml",
          r"<(?:img|image|use|input|frameset|bgsound)\s[^<>]{0,160}?(?:src|href|xlink:href|background)\s{0,3}=\s{0,3}[\"']?\s{0,3}(?:javascript|vbscript|data:text|data:image/svg|x\s+on|x:)", False),
    _form(_ACTIVE, "an entity or a server-side tag", "<!entity <?php <%", r"<!entity\s|<\?php\s|<%=?\s{0,3}\w[^%]{0,200}(?:exec|eval|system|runtime)", False),
    _form(_ACTIVE, "a template that evaluates code", "{{ ${ {%",
          r"\{\{\s?(?:\d{1,4}\s?\*\s?\d{1,4}|[^}]{0,60}(?:__class__|__globals__|__import__|constructor|os\.|popen|self\.|config\.items))|\$\{\s?(?:\d{1,4}\*\d{1,4}|jndi:|[^}]{0,40}(?:runtime|exec\())"),
    _form(_ACTIVE, "a link to a local file", "file:///", r"\]\(\s?<?file:///(?:etc/|home/|root/|c:)"),
    _form(_ACTIVE, "TeX that reads or runs files", "\\",
          r"\\(?:input|include|verbatiminput|lstinputlisting|includegraphics|inputminted)\s?(?:\[[^\]]{0,40}\])?\{?\s?(?:/|~|\.\./|\||c:)|\\(?:openin|openout|immediate|write18|newread|newwrite|catcode|shellescape|directlua)\b", False),
)
# Words of sentences about templates, parsers and tokenizers.
_ABOUT = re.compile(
    r"\b(?:templates?|tokens?|tokeni[sz]\w*|chatml|delimiters?|markers?|formats?|special|vocab\w*|wraps?|wrapped|escap\w+|strips?|stripped|parser|parses?"
    r"|schema|syntax|docs?|documentation|example|examples|e\.g\.|spec|tags?|llama|mistral|qwen|gemma|jinja|column|field|regex|benchmark|dataset|corpus|paper|attacks?|injections?)\b"
)


def forged_markup(low: str) -> Iterator[Finding]:
    """Yield markup that acts on its own or pretends to come from elsewhere.

    Parameters
    ----------
    low
        The folded text.
    """
    for form in _FORMS:
        if any(literal in low for literal in form.triggers):
            yield from _uses(form, low)


def _uses(form: _Form, low: str) -> Iterator[Finding]:
    for match in form.pattern.finditer(low):
        if not (form.mentions and _is_mention(low, match)):
            yield Finding(*match.span(), form.kind, form.reason)


def _is_mention(low: str, match: re.Match[str]) -> bool:
    """A form in the middle of a sentence that speaks of templates or parsers is its subject."""
    start = max(low.rfind("\n", 0, match.start()), low.rfind(". ", 0, match.start())) + 1
    lead = low[max(start, match.start() - 160) : match.start()]
    return len(lead.split()) >= 2 and _ABOUT.search(lead + " " + low[match.end() : match.end() + 60]) is not None
