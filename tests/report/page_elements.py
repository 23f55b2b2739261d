"""A page taken apart: its elements, its texts and its ids."""

from html.parser import HTMLParser


class Elements(HTMLParser):
    """Every element of a page with its attributes, its text, and the ids."""

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.elements = []
        self.texts = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        """Collect it."""
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        """Collect it."""
        self.texts.append(data)

    @property
    def ids(self):
        """All ids, in order."""
        return [attributes["id"] for _, attributes in self.elements if "id" in attributes]
