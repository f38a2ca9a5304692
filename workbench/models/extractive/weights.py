"""How much each clue counts.

A log-linear preference over the answers that a context offers: the clues that hold are summed and the highest sum wins.
The numbers are rounded results of a penalised fit on the answerable questions of half of the articles of SQuAD's two
development files (CC BY-SA 4.0). Which clues there are was thought out by hand; none names a word of a topic. A clue
without a number counts nothing.
"""

# fmt: off
WEIGHTS: dict[str, float] = {
    "sentence.after": 0.4, "sentence.alike in letters": 2.5, "sentence.alike in sense": 2, "sentence.anaphor": 0.3,
    "sentence.anaphor inherits": 1.4, "sentence.begins": 0.7, "sentence.begins.BEING": 0.4,
    "sentence.begins.MEANING": 1, "sentence.begins.OBJECT": -0.7, "sentence.begins.PERSON": -0.4,
    "sentence.begins.PLACE": -0.7, "sentence.cover": 1.9, "sentence.cover but names": 2,
    "sentence.cover by letters": 1.8, "sentence.cover evenly": 2.5, "sentence.inherits": 2.5,
    "sentence.lacks the rarest": -0.4, "sentence.length": -0.7, "sentence.names": -0.8,
    "sentence.negation differs": -0.2, "sentence.opens": -0.1, "sentence.pairs": -0.4,
    "far after": 4, "far before": 4.8,
    "side.ACT": 1.2, "side.NAME": -0.4, "side.NOUN": 0.4, "side.OBJECT": 0.8, "side.PLACE": 0.4, "side.TIME": -0.6,
    "side.being": 0.2, "side.object": 0.2, "side.subject": -0.6,
    "first.AMOUNT.N": 2.3, "first.COUNT.K": -1.2, "first.COUNT.N": 1.5, "first.MANNER.K": -1.7, "first.MANNER.d": 0.3,
    "first.MANNER.w": -0.5, "first.MEASURE.N": 2.4, "first.NAME.K": 1.7, "first.NOUN.K": 0.8, "first.NOUN.N": -0.6,
    "first.NOUN.d": -0.6, "first.OBJECT.w": 0.6, "first.PERCENT.N": 1.8, "first.PERSON.K": 1.2,
    "first.PERSON.N": -1.2, "first.PLACE.K": 1.5, "first.R": -0.7, "first.REASON.K": -1.1, "first.SORT.w": 0.5,
    "first.TIME.N": 1.6, "first.YEAR.N": 1.8, "first.d": -0.3,
    "after.,": -0.2, "after.C": -0.7, "after.D": 0.4, "after.K": -2.1, "after.N": -1.4, "after.P": 0.3,
    "after.PERSON.by": 1.2, "after.PLACE.at": 1.3, "after.PLACE.in": 1.9, "after.REASON.to": 1.3,
    "after.TIME.in": 1.7, "after.TIME.on": 1.3, "after.at": 0.2, "after.by": 0.3, "after.called": 1.6, "after.d": 0.4,
    "after.for": 0.3, "after.from": 0.5, "after.in": -0.7, "after.its preposition": 2.3, "after.match": 0.8,
    "after.match.being": -0.4, "after.match.object": 0.4, "after.near head": 0.3, "after.near match.being": 0.3,
    "after.near match.object": 0.5, "after.near match.subject": 0.5, "after.nothing": 0.3, "after.of": -0.2,
    "after.s": -0.7, "after.title": 0.9, "after.verb.object": 0.3, "after.verb.subject": -0.4, "after.w": -0.7,
    "after.with": 0.6,
    "last.K": 0.5, "last.N": 1, "last.R": -1.3, "last.d": -0.3, "last.head": 1.7, "last.head.SORT": 1.8,
    "last.l": -0.8, "last.w": 0.4,
    'before."': 0.5, "before.)": 0.7, "before.,": 0.8, "before..": 1.1, "before.;": 0.7, "before.C": -0.3,
    "before.D": -0.5, "before.K": -0.6, "before.N": -1, "before.P": 0.3, "before.V": 0.5, "before.for": -0.4,
    "before.g": -0.8, "before.head": 1.6, "before.head.SORT": 2, "before.in": 0.2, "before.match.object": 0.8,
    "before.match.passive": 1.1, "before.match.subject": 1, "before.near head": 0.8, "before.near match.being": -0.4,
    "before.near match.object": 0.2, "before.near match.passive": 0.6, "before.of": -1, "before.s": -1.2,
    "before.to": -0.3, "before.verb.object": -0.3, "before.verb.passive": 0.1, "before.verb.subject": 0.3,
    "before.w": -1.2,
    "shape.clause": -0.6, "shape.date": -1.2, "shape.joined name": 0.4, "shape.long name": 1.7,
    "shape.long phrase": -0.5, "shape.money": 0.4, "shape.name": 0.9, "shape.number": -0.3, "shape.part name": -0.1,
    "shape.percent": 1.9, "shape.quantity": 0.5, "shape.single name": 0.5, "shape.two words": 0.1,
    "shape.with year": -0.9, "shape.word": -0.2,
    "length.13": -2, "length.2": 0.4, "length.3": 0.5, "length.4": 0.3, "length.6": -0.7, "length.9": -1.5,
    "length.ACT": 1.3, "length.MEANING": 0.6, "length.NAME": -0.4, "length.PERSON": -0.4, "length.PLACE": -0.1,
    "length.REASON": 1, "length.SORT": -0.7, "length.TIME": -0.3,
    "BEING.joined name": 0.9, "COUNT.number": 3.2, "MANNER.word d": 1.2, "MEASURE.quantity": 1.7, "MONEY.money": 1.9,
    "NAME.name": 0.8, "NAME.single name": 1.1, "NOUN.joined name": 0.5, "OBJECT.joined name": -1.2,
    "OBJECT.single name": -0.9, "PERSON.joined name": 0.6, "PERSON.name": 1.4, "PERSON.single name": 0.9,
    "PLACE.clause": -0.9, "PLACE.name": 0.9, "PLACE.single name": 1.1, "SORT.word": 0.6, "TIME.date": 3.7,
    "TIME.word": -1.1, "TIME.year": 2.3, "YEAR.year": 3.6, "between commas": -0.3, "quoted": 1.6, "repeats": -1.2,
    "repeats.all": -2.2,
}
# fmt: on
