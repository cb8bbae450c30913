package io.github.rnntoolkit.pattern;

import io.github.rnntoolkit.BundleException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Reads the regular expressions of a tokenizer.json; what it does not know, it refuses. */
final class PatternParser {
    private static final int DEEPEST = 100;
    private static final CodePointSet ANY_OF_A_LINE =
            CodePointSet.ofRanges('\n', '\n').complement();

    private final int[] points;
    private int place;
    private int depth;

    private PatternParser(String pattern) {
        points = pattern.codePoints().toArray();
    }

    /** The tree of a whole pattern; BundleException where it is none, or holds something new. */
    static Node parse(String pattern) {
        PatternParser parser = new PatternParser(pattern);
        Node whole = parser.choices();
        if (parser.more()) {
            throw parser.refused("a bracket ) that closes nothing");
        }
        return whole;
    }

    private Node choices() {
        if (++depth > DEEPEST) {
            throw refused("more than " + DEEPEST + " brackets inside each other");
        }
        List<Node> found = new ArrayList<>();
        do {
            found.add(inOrder());
        } while (taken('|'));
        depth--;
        return found.size() == 1 ? found.get(0) : new Node.FirstOf(found);
    }

    private Node inOrder() {
        List<Node> parts = new ArrayList<>();
        while (more() && points[place] != '|' && points[place] != ')') {
            parts.add(repeated());
        }
        return parts.size() == 1 ? parts.get(0) : new Node.InOrder(parts);
    }

    private Node repeated() {
        Node part = one();
        boolean star = taken('*');
        boolean plus = !star && taken('+');
        if (!star && !plus && !taken('?')) {
            if (next() == '{') {
                throw refused("a counted repetition");
            }
            return part;
        }
        if (next() == '?' || next() == '+' || next() == '*' || next() == '{') {
            throw refused("a repetition that is lazy, possessive or counted");
        }
        if ((star || plus) && part.matchesNothing()) {
            throw refused("a repetition of nothing");
        }
        return new Node.Repeated(part, !plus, star || plus);
    }

    private Node one() {
        int point = points[place++];
        switch (point) {
            case '(':
                return group();
            case '[':
                return new Node.One(characterClass());
            case '.':
                return new Node.One(ANY_OF_A_LINE);
            case '\\':
                return new Node.One(escaped());
            case '^':
            case '$':
                throw refused("an anchor");
            case '*':
            case '+':
            case '?':
                throw refused("a repetition of nothing");
            default:
                return new Node.One(CodePointSet.ofRanges(point, point));
        }
    }

    private Node group() {
        boolean ahead = false;
        boolean wanted = false;
        if (taken('?')) {
            int kind = next();
            ahead = kind == '=' || kind == '!';
            wanted = kind == '=';
            if (!ahead && kind != ':') {
                throw refused("a group of the kind (?" + shown(kind));
            }
            place++;
        }
        Node inside = choices();
        if (!taken(')')) {
            throw refused("a bracket ( that is not closed");
        }
        return ahead ? new Node.Ahead(inside, wanted) : inside;
    }

    private CodePointSet characterClass() {
        boolean others = taken('^');
        int[] ranges = new int[16];
        int used = 0;
        while (next() != ']') {
            if (!more() || next() == '[' || next() == '&' && next(1) == '&') {
                throw refused("a class that is not closed, or that holds another");
            }
            int[] added = classPart();
            if (used + added.length > ranges.length) {
                ranges = Arrays.copyOf(ranges, 2 * (used + added.length));
            }
            System.arraycopy(added, 0, ranges, used, added.length);
            used += added.length;
        }
        if (used == 0) {
            throw refused("an empty class");
        }
        place++;
        CodePointSet set = CodePointSet.ofRanges(Arrays.copyOf(ranges, used));
        return others ? set.complement() : set;
    }

    /** A character, a range, or what an escape such as \s stands for, as ranges. */
    private int[] classPart() {
        int[] first = classCharacter();
        if (next() != '-' || next(1) == ']') {
            return first;
        }
        place++;
        int[] last = classCharacter();
        boolean single = first.length == 2 && first[0] == first[1];
        if (!single || last.length != 2 || last[0] != last[1] || last[0] < first[0]) {
            throw refused("a range without order");
        }
        return new int[] {first[0], last[0]};
    }

    private int[] classCharacter() {
        if (!more()) {
            throw refused("a class that is not closed");
        }
        int point = points[place++];
        return point == '\\' ? escaped().ranges() : new int[] {point, point};
    }

    private CodePointSet escaped() {
        if (!more()) {
            throw refused("a backslash at its end");
        }
        int point = points[place++];
        boolean word = point >= '0' && point <= '9' || point >= 'A' && point <= 'Z'
                || point >= 'a' && point <= 'z';
        if (!word) {
            return CodePointSet.ofRanges(point, point);
        }
        int simple = "nrtfv".indexOf(point);
        if (simple >= 0) {
            int meant = "\n\r\t\f\u000B".charAt(simple);
            return CodePointSet.ofRanges(meant, meant);
        }
        if (point == 's' || point == 'S') {
            CodePointSet space = CodePointSet.WHITE_SPACE;
            return point == 's' ? space : space.complement();
        }
        if (point == 'p' || point == 'P') {
            CodePointSet kind = property();
            return point == 'p' ? kind : kind.complement();
        }
        throw refused("the escape \\" + shown(point));
    }

    private CodePointSet property() {
        boolean closed = next() == '{' && next(2) == '}';
        int name = closed ? next(1) : -1;
        place += 3;
        if (name == 'L') {
            return CodePointSet.ofTypes(
                    Character.UPPERCASE_LETTER, Character.LOWERCASE_LETTER,
                    Character.TITLECASE_LETTER, Character.MODIFIER_LETTER,
                    Character.OTHER_LETTER);
        }
        if (name == 'N') {
            return CodePointSet.ofTypes(
                    Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER,
                    Character.OTHER_NUMBER);
        }
        throw refused("a property other than \\p{L} and \\p{N}");
    }

    private boolean more() {
        return place < points.length;
    }

    /** The character that comes next; -1 at the end. */
    private int next() {
        return next(0);
    }

    /** The character some places further on; -1 behind the end. */
    private int next(int distance) {
        int at = place + distance;
        return at < points.length ? points[at] : -1;
    }

    private boolean taken(int wanted) {
        boolean there = next() == wanted;
        if (there) {
            place++;
        }
        return there;
    }

    private static String shown(int point) {
        return point < 0 ? "" : new String(Character.toChars(point));
    }

    private BundleException refused(String what) {
        return new BundleException(
                "A regular expression of the tokenizer holds " + what + " at character " + place
                        + ", which this client does not know. Use a newer client.");
    }
}
