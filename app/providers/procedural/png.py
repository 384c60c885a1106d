"""Write a painting as PNG that says how it was made.

Sources: PNG (ISO/IEC 15948) text chunks; IPTC `DigitalSourceType` term `algorithmicMedia`: made by a
pure algorithm, not by a trained model.
"""

import io

from PIL import Image
from PIL.PngImagePlugin import PngInfo

SOFTWARE = "Sakuga procedural/atelier-1"
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia"

_XMP = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">'
    f"<Iptc4xmpExt:DigitalSourceType>{SOURCE_TYPE}</Iptc4xmpExt:DigitalSourceType>"
    '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
)


def save_png(image: Image.Image, text: dict[str, str], level: int = 3) -> bytes:
    """Return PNG bytes with text entries and the XMP packet; level is the zlib effort, 1 to 9."""
    info = PngInfo()
    info.add_text("Software", SOFTWARE)
    for key, value in text.items():
        info.add_itxt(key, value)
    info.add_itxt("XML:com.adobe.xmp", _XMP)
    target = io.BytesIO()
    image.save(target, "PNG", pnginfo=info, compress_level=level)
    return target.getvalue()
