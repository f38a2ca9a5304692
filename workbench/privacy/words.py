"""Lists of words that tell names from other capitalised words; written down from general knowledge, taken from no data set."""

GIVEN = frozenset(
    """
    aaron abdul abdullah abigail adam adela adele adrian agnes ahmed aisha akira alan albert alejandra alejandro alessandro alex
    alexander alexandra alexis alfred ali alice alicia alina alison allison amanda amber amelia amina amir amit amy ana anastasia
    anders andre andrea andreas andrei andrew andrzej angela angelo anita anja ann anna anne annette annika anthony antoine
    anton antonio anya april arjun arthur arturo asha ashley astrid audrey axel barbara bartosz beatrice ben benjamin bernard
    bernd beth betty bianca bill birgit björn bob bogdan boris brad bradley brandon brenda brett brian bridget bruce bruno bryan
    camila camille carina carl carla carlos carmen carol carolina caroline caroline cassandra catherine cecilia chantal charles
    charlie charlotte chen chloe chris christian christina christine christoph christopher cindy claire clara claudia claus
    colin connor constance corinne craig cristina curtis cynthia dan dana daniel daniela danielle dariusz darren dave david
    dean deborah debra denis denise dennis derek diana diane diego dieter dimitri dmitri dominic dominik don donald donna dorothy
    doug douglas duncan dylan edith eduardo edward edwin eileen elena eleanor eli elias elisabeth elise elizabeth ella ellen
    elsa emil emilia emilie emily emma enrique eric erica erik erika erin ernst esther ethan eugene eva evan eve evelyn fabian
    fatima felix ferdinand fernando fiona florian frances francesca francesco francis francisco franck frank franz fred frederic
    frederick friedrich gabriel gabriela gail gareth gary gavin geoff geoffrey george georg gerald gerard gerhard gertrude
    giovanni giulia giuseppe gladys glen glenn gloria gordon grace graham greg gregory greta guillermo gunnar günter gustav guy
    hannah hannes hans harold harry hassan heather hector heidi heike heinrich helen helena helga henri henrik henry herbert
    hermann hilda holly howard hugh hugo ian ibrahim igor ines ingrid irene iris irina isaac isabel isabella isabelle ivan
    jack jackie jacob jacqueline jacques jake james jamie jan jana jane janet janice jasmine jason javier jean jeanne jeff
    jeffrey jennifer jenny jens jeremy jerome jerry jesse jessica jill jim jimmy joan joanna joao joe joel johan johann johanna
    johannes john johnny jon jonas jonathan jordan jorge jose josé josef joseph joshua josephine joyce juan juanita judith judy
    julia julian juliana julie julien juliet jürgen justin karen karin karina karl karla karsten katarina kate katharina
    katherine kathleen kathryn kathy katie katrin kay keith kelly ken kenji kenneth kerstin kevin kim kimberly kirsten klaus
    konstantin kristen kristian kristin kristina kumar kurt kyle lara larry lars laura lauren laurence laurent lawrence lea
    lee leila lena leo leon leonard leonardo leslie liam lilian lily linda lisa lise liz logan lorenzo lori louis louise luc
    luca lucas lucia lucie lucy luis luisa lukas luke lydia lynn madeleine magdalena malcolm manfred manuel manuela marc marcel
    marco marcos marcus margaret margarita maria marie marina mario marion marjorie mark markus marta martha martin martina
    mary mateo mathias matthew matthias mattias maureen maurice max maya megan mehmet mei melanie melissa mercedes mette mia
    michael michaela michel michele michelle miguel mike mikhail milan mildred mira miriam mohamed mohammed moira molly monica
    monika morgan morten muhammad mustafa nadia nancy naomi natalia natalie natasha nathan nathalie neil nicholas nick nicola
    nicolas nicole niels nigel nikolai nils nina noah noel nora norbert norma norman olaf ole oleg olga oliver olivia omar oscar
    oskar otto owen pablo pamela paolo pascal patricia patrick patrik paul paula pauline pavel pedro peggy penny per pete peter
    petra philip philipp phillip pierre piotr priya rachel rafael rahul raj ralph ramon randy raphael rashid raymond rebecca
    regina renate rené ricardo richard rick rita rob robert roberto robin rodney roger roland rolf roman ronald rosa rosemary
    ross roy ruben rudolf russell ruth ryan sabine sally sam samantha samir samuel sandra sandy sanjay sara sarah scott sean
    sebastian serge sergei sergio seth shane shannon sharon shaun sheila shirley sigrid silvia simon simone sofia sofie sonia
    sophia sophie stacy stan stanislav stefan stefanie stella stephan stephanie stephen steve steven stuart sue susan susanne
    suzanne sven svetlana sylvia tamara tania tanya tara ted teresa terry thea theo theodore theresa thierry thomas tim
    timothy tina tobias todd tom tomas tommy toni tony tracy trevor ulrich ulrike ursula uwe valentina valerie vanessa vera
    veronica veronika victor victoria viktor vikram vincent virginia vladimir volker walter wanda warren wayne wei wendy
    werner wilhelm will william wolfgang xavier yan yasmin yolanda yuki yusuf yves yvonne zachary zoe
    """.split()
)
"""Common first names of Europe, the Americas and Asia, in small letters."""

ORDINARY = frozenset(
    """
    a dr st prof phd about above access account accounts act action actions active add additional address addresses after again agency agenda
    agent agreement air all already also although always am an and annual another answer answers any anyone appendix application
    approval approvals april are area army article articles as ask asked assistant associate association at attachment attention
    audit august author authority authors available avenue award back background backup balance bank banking base battery be
    because bed been before best better between big bill billing bills black blue board body book books border both bot box
    branch bridge brief budget building bureau business but buy buyer by calendar call calls campaign can capital car card
    cards care carry case cases cash category cc cell center central centre chain chair chairman change changes channel chapter
    check chemistry chief child choice church city civil claim claims class clause clear client clients clinic clinical close
    closed cloud club code college color come comment comments commission committee common company compared complaint complaints
    compliance conclusion conditions conference confidential congratulations construction contact contents contract contracts
    control cool copy core corporate correct cost costs could council count country court cover create credit crew critical
    customer customers cut daily data database date day days dear december decision decisions deep default delivery department
    deputy design desk desktop details device did digital dinner direct direction director directors discipline discussion
    district division do document documents does doing done door down draft driver dry due duty each early earth east eastern
    education effective either electric electronic email emergency employee employees employment end energy engine engineer
    engineering enter entry equipment error estate europe european even event events ever every everyone example excel except
    exchange excuse executive exhibit expected external facility factory fact facts family fan fast fax february federal feel
    fee fees female few field figure file files filter final finance financial find fire first fiscal five fix fleet flight
    floor flow follow following food for force foreign form formal former forum found foundation four free french friday from
    front fuel full fun function fund further future gallery garden gate general german get give global go going gold good
    goods got government great green grey gross ground group guest guide guidelines guilty had half hall hand handbook handling
    happy hard has have he head heading health heart heat hello help her here hey hi high his history hold holiday home
    hospital hospitals hot hotel hour hours house housing how however human i idea if illness image important in inc incident
    incidents include income index indian individual industrial industry info information initial input inspection institute
    insurance internal international internet interview introduction inventory invoice invoices ip is issue issued issues it
    item items its january job join journal july june just keep key kind king kitchen know known lab labor labour land language
    large last late later law lead leader leadership learning leave left legal lesson let letter level library licence license
    life light like limit limited line lines link list live loan local location log login long look lost love low lunch machine
    mail main maintenance major make male man management manager managers manual map march market marketing master material
    materials matter may maybe me mean measures media medical meet meeting member members memo men menu message method mid
    military mind minister ministry minutes mobile model modern module monday money monitor month monthly months more morning
    most mother motor move mr mrs ms much multiple museum music must my name names national natural need net network never new
    news next night no nobody non none normal north northern not note notes nothing notice november now number numbers nurse
    objective october of off offer office officer official offline oh ok old on once one online only open opening operating
    operation operations operator option options or orchestra order orders organization other our out output outside over
    overview own owner pack page panel paper park part parties parts party pass passport password past patient patients pay
    payment payments pedestrians people per period permanent person personal personnel phone physical plan planning plant
    plate platform please plus point police policies policy port position post power practice pre prepared present president
    press previous price prices primary principal print priority privacy private problem procedure procedures process
    processing product production products professional profile profit program programme progress project projects property
    proposal protection public pump pumps purchase purpose put quality quarter quarterly question questions quick quiet quote
    rail rapid rate rates rating ratings re read reading ready real really reason received recent recommendation record records
    red ref reference regarding region regional register registration regular related relations release remarks remember remote
    rent repair reply report reports request requests required requirements research reserve resignation resolution resource
    resources response responsibilities responsible rest restricted result results return returns review revision rights
    risk risks river road role room round route royal rule rules run safe safety salary sale sales same sample saturday savings
    say scale schedule school science scope score sea seat second secretary section sector secure security see seller send
    senior september server service services session set seven several shall share she sheet shift ship shipping shop short
    should show sign signature signed signing simple since single sir site six size small so social society software solution
    solutions some someone something songwriter soon source south southern space special specialist specification spring staff
    stage standard standards start state statement station statistics status stay steel step steps still stock stop storage
    store story strategy street strict strong structure student study subject subscription such sum summary summer sun sunday
    super supervisor supplier suppliers supply support sure surgery survey system systems table take tariff task tasks tax team
    teams technical technician technology telephone tell temporary ten term terms test testing text than thank thanks that the
    their them then theory there therefore these they thing things think third this those though three through thursday thus
    ticket time times title to today together tomorrow tool tools top total tower town trade traffic training transfer
    transport travel treasury treatment treaty trial trust try tuesday two type under union unit united units university until
    up update updates upon upper urgent us use used user users valid value van vehicle vendor version very vice video view
    village violet visa visit visitor visitors voice volume wage wages wait wall want war ward warehouse warning was waste
    watch water way we web website wednesday week weekly weeks welcome well went were west western what when where whether
    which while white who whole why wide wife will wind window winter wisdom with within without woman women wood word words
    work worker workers working works workshop world would write written wrong year years yellow yes yesterday yet you young
    your youth zone above pleasures commander captain chancellor senator judge mayor queen prince princess duke lord lady
    affected allergens analyst apologies apologise approved assembly assistance attendance bakery bay beneficiary boiler bonus
    buyers cabin cafeteria canteen captain carrier cause chapel christmas clerk climate coach cold colleague colleagues comms
    complaint concerns consultant contractor contractors cooling corner corridor counsel counter crane crisis damage decided
    defect desks diary dispatch dock donor dose drain due easter employer entrance escalation estates euro euros evening everybody
    exit fault federation festival filters finding findings foundry freight fwd goal grade guarantee guard hatch helpdesk hole
    hub infirmary injury inquiry insurer intake invoice invoicing iron kettle labels lamp landlord laundry lead leads lender
    licensee licensor linen listed load locker lost lounge lorry max maximum meal medium merger methods minimum ministry mission
    model motion neither ninth nobody noise observed occupational oil orchard organiser overtime owners pallet parcel parent
    parking parish partner pension photo photograph pipe pipeline pledge port porter pressure presented probation protocol quay
    rack raised ramp reason receipt reception recipient recorded recruitment refund relief removed reporter requester resident
    resilience rota rotation route routes sampling seal seasonal secret serial settings shared shareholder showers shutdown signs
    site sites smoke sole somebody sovereign spare sponsor stable standby steam stores submitted suggestion surplus switch
    symptom tank temperature tenant terminal theatre thread tide token tower tracker trader trainee transit trustee trustees
    tube turbine valve vault verdict version visa void volunteer volunteers voucher wanted warden waste wax weather whoever
    wing witness yard yearly x-ray
    guten sehr geehrte geehrter liebe lieber herr frau der die das den dem des ein eine und oder mit für von zum zur bei
    wir sie ist sind bitte danke le la les des du une un et ou avec pour sur dans nous vous est sont merci bonjour madame
    monsieur el los las una y o con para por en nosotros es son gracias señor señora estimado estimada
    """.split()
)
"""Words that stand capitalised at the start of a sentence, in a heading or in the name of a thing, in small letters."""

PLACES = frozenset(
    """
    afghanistan africa albania algeria america andorra angola argentina armenia asia australia austria azerbaijan bahamas
    bahrain bangladesh barbados belarus belgium belize bolivia bosnia botswana brazil britain brunei bulgaria burma cambodia
    cameroon canada chad chile china colombia congo croatia cuba cyprus denmark ecuador egypt england estonia ethiopia fiji
    finland france gabon gambia georgia germany ghana greece greenland guatemala guinea haiti herzegovina honduras hungary
    iceland india indonesia iran iraq ireland israel italy jamaica japan jordan kazakhstan kenya korea kosovo kuwait laos
    latvia lebanon liberia libya liechtenstein lithuania luxembourg macedonia malaysia mali malta mexico moldova monaco
    mongolia montenegro morocco mozambique namibia nepal netherlands nicaragua niger nigeria norway oman pakistan panama
    paraguay peru philippines poland portugal qatar romania russia rwanda scotland senegal serbia singapore slovakia slovenia
    somalia spain sudan sweden switzerland syria taiwan tanzania thailand tunisia turkey uganda ukraine uruguay usa uzbekistan
    venezuela vietnam wales yemen zambia zealand zimbabwe alabama alaska arizona arkansas california carolina colorado
    connecticut delaware florida hawaii idaho illinois indiana iowa kansas kentucky louisiana maine maryland massachusetts
    michigan minnesota mississippi missouri montana nebraska nevada hampshire jersey york dakota ohio oklahoma oregon
    pennsylvania tennessee texas utah vermont washington wisconsin wyoming london paris berlin madrid rome vienna amsterdam
    brussels dublin lisbon copenhagen stockholm oslo helsinki prague warsaw budapest athens moscow tokyo beijing delhi mumbai
    leipzig mainz bremen dresden hannover stuttgart düsseldorf nuremberg nürnberg bonn lyon marseille bordeaux lille nantes toulouse
    nice strasbourg barcelona valencia seville bilbao malaga porto milan naples turin florence venice antwerp ghent rotterdam utrecht
    bergen gothenburg malmö aarhus tampere turku vilnius riga tallinn krakow gdansk brno bratislava ljubljana zagreb belgrade sofia
    bucharest istanbul ankara cairo casablanca lagos nairobi johannesburg durban dubai doha riyadh karachi lahore dhaka bangalore
    chennai kolkata bangkok hanoi manila jakarta penang kuala lumpur shanghai shenzhen seoul osaka kyoto halifax montreal ottawa
    vancouver calgary phoenix philadelphia detroit atlanta miami denver portland baltimore manchester birmingham leeds liverpool
    bristol glasgow edinburgh cardiff belfast cork oxford cambridge lima bogota santiago brasilia melbourne brisbane perth auckland
    wellington
    sydney toronto chicago boston houston dallas seattle angeles francisco hamburg munich münchen frankfurt köln zürich geneva
    """.split()
)
"""Countries, states and large cities, in small letters."""

PEOPLES = frozenset(
    """
    english french german spanish italian dutch swedish danish norwegian finnish icelandic polish czech slovak slovenian croatian
    serbian bosnian hungarian romanian bulgarian russian ukrainian belarusian lithuanian latvian estonian greek turkish cypriot
    irish scottish welsh british american canadian mexican brazilian argentinian chilean colombian peruvian cuban chinese japanese
    korean vietnamese thai filipino indonesian malaysian indian pakistani bengali persian iranian iraqi arab arabic egyptian
    moroccan algerian tunisian african nigerian kenyan ethiopian asian european australian austrian swiss belgian portuguese
    jewish muslim islamic christian catholic protestant buddhist hindu latin slavic nordic scandinavian
    """.split()
)
"""Nationalities, languages and religions, in small letters."""

DOUBTFUL = frozenset(
    """
    amber april august ben bill bob bruno carol chase christian dean eve faith frank grace guy heather holly hope ian iris ivy
    jack jan jean june kay ken lance lane lee leo mark max may mercedes mia miles nick norma olive pat penny per pete rich rob
    robin rose roy ruby sandy shane sue summer ted toni troy violet wei will
    """.split()
)
"""First names that are words of their own, or of another language: alone they say nothing."""

GERMAN = frozenset("der die das und ist nicht mit für ein eine von zu den dem im wir sie auf werden bei oder auch".split())
"""In a text of these every noun is capitalised."""

CAPITAL = "[" + "".join(chr(code) for code in range(0x530) if chr(code).isupper()) + "]"
"""A capital letter of the Latin, Greek or Cyrillic alphabet, as a part of a pattern."""
