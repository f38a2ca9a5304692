"""Words that tell names from other capitalised words; written down from general knowledge, taken from no data set."""

GIVEN = frozenset(
    """
    aaron abdul abdullah abigail adam adela adele adrian agnes ahmed aisha akira alan albert alejandra alejandro
    alessandro alex alexander alexandra alexis alfred ali alice alicia alina alison allison amanda amber amelia
    amina amir amit amy ana anastasia anders andre andrea andreas andrei andrew andrzej angela angelo anita anja
    ann anna anne annette annika anthony antoine anton antonio anya april arjun arthur arturo asha ashley astrid
    audrey axel barbara bartosz beatrice ben benjamin bernard bernd beth betty bianca bill birgit björn bob bogdan
    boris brad bradley brandon brenda brett brian bridget bruce bruno bryan camila camille carina carl carla
    carlos carmen carol carolina caroline cassandra catherine cecilia chantal charles charlie charlotte chen chloe
    chris christian christina christine christoph christopher cindy claire clara claudia claus colin connor
    constance corinne craig cristina curtis cynthia dan dana daniel daniela danielle dariusz darren dave david
    dean deborah debra denis denise dennis derek diana diane diego dieter dimitri dmitri dominic dominik don
    donald donna dorothy doug douglas duncan dylan edith eduardo edward edwin eileen eleanor elena eli elias
    elisabeth elise elizabeth ella ellen elsa emil emilia emilie emily emma enrique eric erica erik erika erin
    ernst esther ethan eugene eva evan eve evelyn fabian fatima felix ferdinand fernando fiona florian frances
    francesca francesco francis francisco franck frank franz fred frederic frederick friedrich gabriel gabriela
    gail gareth gary gavin geoff geoffrey georg george gerald gerard gerhard gertrude giovanni giulia giuseppe
    gladys glen glenn gloria gordon grace graham greg gregory greta guillermo gunnar gustav guy günter hannah
    hannes hans harold harry hassan heather hector heidi heike heinrich helen helena helga henri henrik henry
    herbert hermann hilda holly howard hugh hugo ian ibrahim igor ines ingrid irene irina iris isaac isabel
    isabella isabelle ivan jack jackie jacob jacqueline jacques jake james jamie jan jana jane janet janice
    jasmine jason javier jean jeanne jeff jeffrey jennifer jenny jens jeremy jerome jerry jesse jessica jill jim
    jimmy joan joanna joao joe joel johan johann johanna johannes john johnny jon jonas jonathan jordan jorge jose
    josef joseph josephine joshua josé joyce juan juanita judith judy julia julian juliana julie julien juliet
    justin jürgen karen karin karina karl karla karsten katarina kate katharina katherine kathleen kathryn kathy
    katie katrin kay keith kelly ken kenji kenneth kerstin kevin kim kimberly kirsten klaus konstantin kristen
    kristian kristin kristina kumar kurt kyle lara larry lars laura lauren laurence laurent lawrence lea lee leila
    lena leo leon leonard leonardo leslie liam lilian lily linda lisa lise liz logan lorenzo lori louis louise luc
    luca lucas lucia lucie lucy luis luisa lukas luke lydia lynn madeleine magdalena malcolm manfred manuel
    manuela marc marcel marco marcos marcus margaret margarita maria marie marina mario marion marjorie mark
    markus marta martha martin martina mary mateo mathias matthew matthias mattias maureen maurice max maya megan
    mehmet mei melanie melissa mercedes mette mia michael michaela michel michele michelle miguel mike mikhail
    milan mildred mira miriam mohamed mohammed moira molly monica monika morgan morten muhammad mustafa nadia
    nancy naomi natalia natalie natasha nathalie nathan neil nicholas nick nicola nicolas nicole niels nigel
    nikolai nils nina noah noel nora norbert norma norman olaf ole oleg olga oliver olivia omar oscar oskar otto
    owen pablo pamela paolo pascal patricia patrick patrik paul paula pauline pavel pedro peggy penny per pete
    peter petra philip philipp phillip pierre piotr priya rachel rafael rahul raj ralph ramon randy raphael rashid
    raymond rebecca regina renate rené ricardo richard rick rita rob robert roberto robin rodney roger roland rolf
    roman ronald rosa rosemary ross roy ruben rudolf russell ruth ryan sabine sally sam samantha samir samuel
    sandra sandy sanjay sara sarah scott sean sebastian serge sergei sergio seth shane shannon sharon shaun sheila
    shirley sigrid silvia simon simone sofia sofie sonia sophia sophie stacy stan stanislav stefan stefanie stella
    stephan stephanie stephen steve steven stuart sue susan susanne suzanne sven svetlana sylvia tamara tania
    tanya tara ted teresa terry thea theo theodore theresa thierry thomas tim timothy tina tobias todd tom tomas
    tommy toni tony tracy trevor ulrich ulrike ursula uwe valentina valerie vanessa vera veronica veronika victor
    victoria vikram viktor vincent virginia vladimir volker walter wanda warren wayne wei wendy werner wilhelm
    will william wolfgang xavier yan yasmin yolanda yuki yusuf yves yvonne zachary zoe
    """.split()
)
"""Common first names of Europe, the Americas and Asia, in small letters."""

ORDINARY = frozenset(
    """
    a about above access account accounts act action actions active add additional address addresses affected
    after again agency agenda agent agreement air all allergens already also although always am an analyst and
    annual another answer answers any anyone apologies apologise appendix application approval approvals approved
    april are area army article articles as ask asked assembly assistance assistant associate association at
    attachment attendance attention audit auf august aus author authority authors available avec avenue award back
    background backup bakery balance bank banking base battery bay be because bed been before bei beim beneficiary
    best better between big bill billing bills bitte black blue board body boiler bonjour bonus book books border
    bot both box branch bridge brief budget building bureau business but buy buyer buyers by cabin cafeteria
    calendar call calls campaign can canteen capital captain car card cards care carrier carry case cases cash
    category cause cc cell center central centre chain chair chairman chancellor change changes channel chapel
    chapter check chemistry chief child choice christmas church city civil claim claims class clause clear clerk
    client clients climate clinic clinical close closed cloud club coach code cold colleague colleagues college
    color come commander comment comments commission committee common comms company compared complaint complaints
    compliance con concerns conclusion conditions conference confidential congratulations construction consultant
    contact contents contract contractor contractors contracts control cool cooling copy core corner corporate
    correct corridor cost costs could council counsel count counter country court cover crane create credit crew
    crisis critical customer customers cut daily damage danke dans das data database date day days dear december
    decided decision decisions deep default defect delivery dem den department deputy der des design desk desks
    desktop details device diary did die digital dinner direct direction director directors discipline discussion
    dispatch district division do dock document documents does doing done donor door dose down dr draft drain
    driver dry du due duke duty each early earth east easter eastern education effective ein eine either el
    electric electronic email emergency employee employees employer employment en end energy engine engineer
    engineering enter entrance entry equipment error es escalation est estate estates estimada estimado et euro
    europe european euros even evening event events ever every everybody everyone example excel except exchange
    excuse executive exhibit exit expected external facility fact factory facts family fan fast fault fax february
    federal federation fee feel fees female festival few field figure file files filter filters final finance
    financial find finding findings fire first fiscal five fix fleet flight floor flow follow following food for
    force foreign form formal former forum found foundation foundry four frau free freight french friday from
    front fuel full fun function fund further future fwd für gallery garden gate geehrte geehrter general german
    get give global go goal going gold good goods got government gracias grade great green grey gross ground group
    guarantee guard guest guide guidelines guilty guten had half hall hand handbook handling happy hard has hatch
    have he head heading health heart heat hello help helpdesk her here herr hey hi high his history hold hole
    holiday home hospital hospitals hot hotel hour hours house housing how however hub human i idea if ihr ihre
    ihrem ihren ihrer ihres illness image important in inc incident incidents include income index indian
    individual industrial industry infirmary info information initial injury input inquiry inspection institute
    insurance insurer intake internal international internet interview introduction inventory invoice invoices
    invoicing ip iron is issue issued issues ist it item items its january job join journal judge july june just
    keep kein keine kettle key kind king kitchen know known la lab labels labor labour lady lamp land landlord
    language large las last late later laundry law le lead leader leadership leads learning leave left legal
    lender les lesson let letter level library licence license licensee licensor liebe lieber life light like
    limit limited line linen lines link list listed live load loan local location locker log login long look lord
    lorry los lost lounge love low lunch machine madame mail main maintenance major make male man management
    manager managers manual map march market marketing master material materials matter max maximum may maybe
    mayor me meal mean measures media medical medium meet meeting mein meine meines member members memo men menu
    merci merger message method methods mid military mind minimum minister ministry minutes mission mit mobile
    model modern module monday money monitor monsieur month monthly months more morning most mother motion motor
    move mr mrs ms much multiple museum music must my nach name names national natural need neither net network
    never new news next night ninth no nobody noise non none normal north northern nosotros not note notes nothing
    notice nous november now number numbers nurse o objective observed occupational october oder of off offer
    office officer official offline oh oil ok old on once one online only open opening operating operation
    operations operator option options or orchard orchestra order orders organiser organization other ou our out
    output outside over overtime overview own owner owners pack page pallet panel paper para parcel parent parish
    park parking part parties partner parts party pass passport password past patient patients pay payment
    payments pedestrians pension people per period permanent person personal personnel phd phone photo photograph
    physical pipe pipeline plan planning plant plate platform please pleasures pledge plus point police policies
    policy por port porter position post pour power practice pre prepared present presented president press
    pressure previous price prices primary prince princess principal print priority privacy private probation
    problem procedure procedures process processing product production products prof professional profile profit
    program programme progress project projects property proposal protection protocol public pump pumps purchase
    purpose put quality quarter quarterly quay queen question questions quick quiet quote rack rail raised ramp
    rapid rate rates rating ratings re read reading ready real really reason receipt received recent reception
    recipient recommendation record recorded records recruitment red ref reference refund regarding region
    regional register registration regular related relations release relief remarks remember remote removed rent
    repair reply report reporter reports request requester requests required requirements research reserve
    resident resignation resilience resolution resource resources response responsibilities responsible rest
    restricted result results return returns review revision rights risk risks river road role room rota rotation
    round route routes royal rule rules run safe safety salary sale sales same sample sampling saturday savings
    say scale schedule school science scope score sea seal seasonal seat second secret secretary section sector
    secure security see sehr seit seller senator send senior september serial server service services session set
    settings seven several señor señora shall share shared shareholder she sheet shift ship shipping shop short
    should show showers shutdown sie sign signature signed signing signs simple since sind single sir site sites
    six size small smoke so social society software sole solution solutions some somebody someone something son
    songwriter sont soon source south southern sovereign space spare special specialist specification sponsor
    spring st stable staff stage standard standards standby start state statement station statistics status stay
    steam steel step steps still stock stop storage store stores story strategy street strict strong structure
    student study subject submitted subscription such suggestion sum summary summer sun sunday super supervisor
    supplier suppliers supply support sur sure surgery surplus survey switch symptom system systems table take
    tank tariff task tasks tax team teams technical technician technology telephone tell temperature temporary ten
    tenant term terminal terms test testing text than thank thanks that the theatre their them then theory there
    therefore these they thing things think third this those though thread three through thursday thus ticket tide
    time times title to today together token tomorrow tool tools top total tower town tracker trade trader traffic
    trainee training transfer transit transport travel treasury treatment treaty trial trust trustee trustees try
    tube tuesday turbine two type un una und under une union unit united units university unser unsere unserem
    unseren unserer unseres until up update updates upon upper urgent us use used user users valid value valve van
    vault vehicle vendor verdict version very vice video view village violet visa visit visitor visitors voice
    void volume volunteer volunteers von voucher vous wage wages wait wall want wanted war ward warden warehouse
    warning was waste watch water wax way we weather web website wednesday week weekly weeks welcome well went
    were west western what when where whether which while white who whoever whole why wide wife will wind window
    wing winter wir wisdom with within without witness woman women wood word words work worker workers working
    works workshop world would write written wrong x-ray y yard year yearly years yellow yes yesterday yet you
    young your youth zone zum zur
    """.split()
)
"""Words that stand capitalised at the start of a sentence, in a heading or in the name of a thing, in small letters."""

PLACES = frozenset(
    """
    aarhus afghanistan africa alabama alaska albania algeria america amsterdam andorra angeles angola ankara
    antwerp argentina arizona arkansas armenia asia athens atlanta auckland australia austria azerbaijan bahamas
    bahrain baltimore bangalore bangkok bangladesh barbados barcelona beijing belarus belfast belgium belgrade
    belize bergen berlin bilbao birmingham bogota bolivia bonn bordeaux bosnia boston botswana brasilia bratislava
    brazil bremen brisbane bristol britain brno brunei brussels bucharest budapest bulgaria burma cairo calgary
    california cambodia cambridge cameroon canada cardiff carolina casablanca chad chennai chicago chile china
    colombia colorado congo connecticut copenhagen cork croatia cuba cyprus dakota dallas delaware delhi denmark
    denver detroit dhaka doha dresden dubai dublin durban düsseldorf ecuador edinburgh egypt england estonia
    ethiopia fiji finland florence florida france francisco frankfurt gabon gambia gdansk geneva georgia germany
    ghana ghent glasgow gothenburg greece greenland guatemala guinea haiti halifax hamburg hampshire hannover
    hanoi hawaii helsinki herzegovina honduras houston hungary iceland idaho illinois india indiana indonesia iowa
    iran iraq ireland israel istanbul italy jakarta jamaica japan jersey johannesburg jordan kansas karachi
    kazakhstan kentucky kenya kolkata korea kosovo krakow kuala kuwait kyoto köln lagos lahore laos latvia lebanon
    leeds leipzig liberia libya liechtenstein lille lima lisbon lithuania liverpool ljubljana london louisiana
    lumpur luxembourg lyon macedonia madrid maine mainz malaga malaysia mali malmö malta manchester manila
    marseille maryland massachusetts melbourne mexico miami michigan milan minnesota mississippi missouri moldova
    monaco mongolia montana montenegro montreal morocco moscow mozambique mumbai munich münchen nairobi namibia
    nantes naples nebraska nepal netherlands nevada nicaragua nice niger nigeria norway nuremberg nürnberg ohio
    oklahoma oman oregon osaka oslo ottawa oxford pakistan panama paraguay paris penang pennsylvania perth peru
    philadelphia philippines phoenix poland portland porto portugal prague qatar riga riyadh romania rome
    rotterdam russia rwanda santiago scotland seattle senegal seoul serbia seville shanghai shenzhen singapore
    slovakia slovenia sofia somalia spain stockholm strasbourg stuttgart sudan sweden switzerland sydney syria
    taiwan tallinn tampere tanzania tennessee texas thailand tokyo toronto toulouse tunisia turin turkey turku
    uganda ukraine uruguay usa utah utrecht uzbekistan valencia vancouver venezuela venice vermont vienna vietnam
    vilnius wales warsaw washington wellington wisconsin wyoming yemen york zagreb zambia zealand zimbabwe zürich
    """.split()
)
"""Countries, states and large cities, in small letters."""

PEOPLES = frozenset(
    """
    african algerian american arab arabic argentinian asian australian austrian belarusian belgian bengali bosnian
    brazilian british buddhist bulgarian canadian catholic chilean chinese christian colombian croatian cuban
    cypriot czech danish dutch egyptian english estonian ethiopian european filipino finnish french german greek
    hindu hungarian icelandic indian indonesian iranian iraqi irish islamic italian japanese jewish kenyan korean
    latin latvian lithuanian malaysian mexican moroccan muslim nigerian nordic norwegian pakistani persian
    peruvian polish portuguese protestant romanian russian scandinavian scottish serbian slavic slovak slovenian
    spanish swedish swiss thai tunisian turkish ukrainian vietnamese welsh
    """.split()
)
"""Nationalities, languages and religions, in small letters."""

DOUBTFUL = frozenset(
    """
    amber april august ben bill bob bruno carol chase christian dean eve faith frank grace guy heather holly hope
    ian iris ivy jack jan jean june kay ken lance lane lee leo mark max may mercedes mia miles nick norma olive
    pat penny per pete rich rob robin rose roy ruby sandy shane sue summer ted toni troy violet wei will
    """.split()
)
"""First names that are words of their own, or of another language: alone they say nothing."""

GERMAN = frozenset(
    "der die das und ist nicht mit für ein eine von zu den dem im wir sie auf werden bei oder auch".split()
)
"""In a text of these every noun is capitalised."""

CAPITAL = "[" + "".join(chr(code) for code in range(0x530) if chr(code).isupper()) + "]"
"""A capital letter of the Latin, Greek or Cyrillic alphabet, as a part of a pattern."""
