"""Which everyday words can stand for each other, and which say the opposite: stems only, none of them a topic's."""

from workbench.models.extractive.words import stem

_SIMILAR = """
    begin start open launch commence debut found establish create form initiate introduce originate | end finish
    close conclude cease stop terminate expire complete | build construct erect make develop produce manufacture
    create | buy purchase acquire obtain get | sell auction | kill murder assassinate slay execute | die pass
    perish | movie film picture | author writer novelist | write compose author | song track | show series
    program programme broadcast | call name term title nickname dub know refer | live reside dwell inhabit |
    home house residence | job occupation profession career work position | get receive obtain gain earn | give
    provide supply offer grant award donate | help assist aid support | use utilize employ apply | big huge
    great major | small little tiny minor | important significant major key main primary principal | fast quick
    rapid | change alter modify shift convert transform | say state claim argue declare announce assert tell
    mention | think believe consider view regard feel | show reveal demonstrate indicate display exhibit | need
    require | want wish desire seek aim intend | allow permit let enable | stop prevent block avoid halt | cause
    lead result reason trigger due bring | increase rise grow expand raise boost | decrease fall decline drop
    reduce lower | win defeat beat victory | fight battle war combat conflict | attack invade assault strike |
    leave depart exit abandon | arrive come reach | move relocate transfer migrate | travel journey trip tour
    visit | meet encounter | join enter enroll | lead head direct command run manage | lead head chief ruler |
    own possess have | contain include comprise consist hold house | happen occur take | locate situate base |
    near close adjacent beside | area region zone district territory | country nation state | city town
    municipality | person population resident inhabitant citizen | child kid youth | teach instruct educate |
    learn study | student pupil | school college university academy | money fund cash currency | pay cost spend
    price charge | company firm corporation business enterprise organization | worker employee staff | marry wed
    wife husband spouse | father parent | mother parent | discover find detect | invent create devise design
    develop | image photo photograph painting | book novel volume publication | publish release issue print |
    release launch | plan scheme proposal | idea concept notion theory | law act legislation statute rule |
    agreement treaty pact accord deal contract | group team organization band | part portion section component
    segment | type kind sort form variety class | number amount quantity count total | many numerous several
    multiple | rich wealthy | sick ill disease illness health | doctor physician | ship boat vessel | car
    vehicle automobile | plane aircraft airplane | road street highway route | river stream | king monarch ruler
    emperor | church religion faith | god deity | choose select pick elect appoint designate | refuse reject
    deny decline | accept agree approve | similar alike same resemble like | different distinct differ | popular
    famous renown well-known notable | year annual | ask request | answer reply respond | try attempt | hurt
    injure wound harm damage | protect defend guard shield | destroy demolish ruin wreck | remove eliminate
    delete | replace substitute succeed | join merge combine unite connect link | divide split separate | spread
    extend expand distribute | send transmit ship dispatch | carry transport convey | see watch view observe |
    speak talk language | represent symbolize stand | influence affect impact | remain stay continue | serve
    work act | play perform | game match contest | first initial original earliest | last final | now today
    present current | former previous prior | often frequent common usual | purpose reason why because | goal
    aim objective purpose | describe characterize depict portray | mean define | effect consequence result
    outcome impact | origin source root come | earth planet world | top highest peak | enemy opponent rival
    """
_OPPOSITE = """
    increase rise grow gain expand : decrease decline fall drop reduce lose shrink lower | begin start open
    create found establish introduce : end finish close cease stop abolish disband terminate | accept allow
    permit support agree approve : reject refuse deny oppose forbid prohibit ban prevent | win victory succeed :
    lose defeat fail | first early earliest old ancient : last late latest new modern recent | most more highest
    largest biggest greatest best maximum longest : least less lowest smallest fewest worst minimum shortest |
    always all every : never none | before prior preceding : after following subsequent since | north : south |
    east : west | internal inside inner : external outside outer | public : private | male man boy father son
    husband brother king : female woman girl mother daughter wife sister queen | buy purchase import : sell
    export | major main primary majority : minor secondary minority | rich wealthy : poor | strong : weak | easy
    simple : difficult hard complex | same similar equal : different unequal | include : exclude | positive good
    advantage benefit : negative bad disadvantage harm | formal : informal | direct : indirect | natural :
    artificial | life : die | attack : defend | love like : hate dislike | arrive enter join : leave exit depart
    | true : false | odd : even | legal lawful : illegal unlawful | cheap : expensive | common : rare uncommon |
    upper top : lower bottom | urban city : rural | past : future | white : black | left : right | young : older
    oldest | fast quick : slow | day : night | summer : winter | light : dark heavy | full : empty | peace : war
    | friend ally : enemy | often frequent : rarely seldom | possible able : impossible unable | cause : result
    effect | supply : demand
    """


def _similar() -> dict[str, frozenset[str]]:
    others: dict[str, set[str]] = {}
    for line in _SIMILAR.split("|"):
        group = {stem(word) for word in line.split()}
        for word in group:
            others.setdefault(word, set()).update(group - {word})
    return {word: frozenset(group) for word, group in others.items()}


def _opposite() -> dict[str, frozenset[str]]:
    pairs: dict[str, set[str]] = {}
    for line in _OPPOSITE.split("|"):
        sides = [{stem(word) for word in side.split()} for side in line.split(":")]
        for here, there in (sides, sides[::-1]):
            for word in here:
                pairs.setdefault(word, set()).update(there - here)
    return {word: frozenset(others) for word, others in pairs.items()}


SIMILAR = _similar()
"""Stem to the stems that can stand for it."""
OPPOSITE = _opposite()
"""Stem to the stems that deny it."""
