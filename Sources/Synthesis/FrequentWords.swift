/// Words that make up about half of any English text, the most frequent first, and some ordinary ones beyond: what is
/// written where the machine has no list of words.
enum FrequentWords {
  static let english: [String] = """
    the of and to in a is was that it for he on with as his be at I by had this not but from have are which her she
    or you they an were him we been has their one will would there all so if who what said no more when out up them
    its into can do about some could only time then my me than other now two new like our may these any over first
    after also your very even most such must before through back years where much way well down should because
    people between each just those made how long little state good world great still own see men work life under
    last day both make being might used same year many never another while since house again without off right
    found part place came want come went three number course home against old few always man general during thought
    think went government every money public however took knew water almost early power small next far large eyes
    face head night nothing given set young things hand asked light looked side room called later end once enough
    kind order country took whole use form white mind important social among second several present whether line
    until best already school city name group need children door case service local four problem system order point
    social perhaps show keep study answer book letter paper write wrote written read reading hand line page story
    window garden river mountain summer winter morning evening yesterday tomorrow Monday Tuesday Wednesday Thursday
    Friday Saturday Sunday January February March April June July August September October November December London
    Paris England Europe America Africa water quick brown jump lazy dog zebra quiz oxygen exact extra box fox six
    sixth job judge jazz joke enjoy object major subject quality quite question queen quickly quarter require freeze
    size prize amazing village value visit voice very over five seven heavy move above give believe knowledge
    knife known kitchen weekly back thick check black blank husband happy puppy apple supper copper pepper bubble
    rabbit ribbon daughter neighbour thought through enough although height weight bright straight strength length
    breakfast physics phrase alphabet photograph philosophy chemistry scheme school character machine church
    watch which whisper wheel rhythm rhyme system symbol syllable mystery gypsy royal loyal employ journey money
    honey valley turkey monkey beautiful wonderful successful business necessary immediately particularly
    information education understanding experience development environment responsibility communication
    administration representative international organisation university temperature opportunity
    """.split(whereSeparator: \.isWhitespace).map(String.init)
}
