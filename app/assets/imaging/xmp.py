"""The XMP packet written into exported pictures: description and how the picture was made.

Sources: XMP (ISO 16684-1), IPTC Photo Metadata Standard `DigitalSourceType`.
"""

from xml.sax.saxutils import escape

SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
PNG_KEYWORD = "XML:com.adobe.xmp"

_PACKET = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"{more}>{facts}</rdf:Description>'
    "</rdf:RDF></x:xmpmeta>"
    '<?xpacket end="w"?>'
)
_SOURCE = "<Iptc4xmpExt:DigitalSourceType>{}</Iptc4xmpExt:DigitalSourceType>"
_RECIPE = "<sakuga:recipe>{}</sakuga:recipe>"
_OURS = ' xmlns:sakuga="urn:sakuga:recipe:1"'
_DESCRIPTION = '<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{}</rdf:li></rdf:Alt></dc:description>'


def packet(description: str | None, digital_source: str | None, recipe: str | None = None) -> bytes | None:
    """Return the XMP packet as UTF-8, or None when there is nothing to say.

    `digital_source` is a term of the IPTC list (`algorithmicMedia`, `trainedAlgorithmicMedia`, ...) or
    its full address; `recipe` is base64 (see `embed`).
    """
    facts = ""
    if digital_source:
        address = digital_source if "://" in digital_source else SOURCE_TYPES + digital_source
        facts += _SOURCE.format(escape(address))
    if description:
        facts += _DESCRIPTION.format(escape(_printable(description)))
    if recipe:
        facts += _RECIPE.format(recipe)
    return _PACKET.format(facts=facts, more=_OURS if recipe else "").encode() if facts else None


def _printable(text: str) -> str:
    """Drop what XML 1.0 cannot hold: control characters and lone surrogates."""
    return "".join(sign for sign in text if sign.isprintable() or sign in "\n\t")
