"""What was found wrong, each thing once, with where."""


class Findings:
    def __init__(self):
        self._seen = {}
        self.checks = 0

    def add(self, where, kind, text):
        """`where` names the page and how it was looked at; the same thing elsewhere is counted, not repeated."""
        key = (kind, text)
        if key not in self._seen:
            self._seen[key] = []
            print(f"FOUND {where}: {kind}: {text}", flush=True)
        self._seen[key].append(where)

    def expect(self, holds, where, kind, text):
        """Counts a check, and adds it when it does not hold."""
        self.checks += 1
        if not holds:
            self.add(where, kind, text)
        return holds

    def __len__(self):
        return len(self._seen)

    def summary(self):
        return "\n".join(
            f"{kind}: {text} (at {len(places)} {'place' if len(places) == 1 else 'places'}, first {places[0]})"
            for (kind, text), places in self._seen.items()
        )
