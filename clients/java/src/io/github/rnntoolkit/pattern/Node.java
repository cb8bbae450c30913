package io.github.rnntoolkit.pattern;

import java.util.List;

/** A part of a regular expression. */
abstract class Node {
    /** Whether the part can match without reading a character. */
    abstract boolean matchesNothing();

    /** Adds the instructions of the part to a program. */
    abstract void emit(Program program);

    /** One character of a set. */
    static final class One extends Node {
        final CodePointSet set;

        One(CodePointSet set) {
            this.set = set;
        }

        @Override
        boolean matchesNothing() {
            return false;
        }

        @Override
        void emit(Program program) {
            program.one(set);
        }
    }

    /** One part after another. */
    static final class InOrder extends Node {
        private final List<Node> parts;

        InOrder(List<Node> parts) {
            this.parts = parts;
        }

        @Override
        boolean matchesNothing() {
            for (Node part : parts) {
                if (!part.matchesNothing()) {
                    return false;
                }
            }
            return true;
        }

        @Override
        void emit(Program program) {
            for (Node part : parts) {
                part.emit(program);
            }
        }
    }

    /** The first of several parts with which the whole matches. */
    static final class FirstOf extends Node {
        private final List<Node> choices;

        FirstOf(List<Node> choices) {
            this.choices = choices;
        }

        @Override
        boolean matchesNothing() {
            for (Node choice : choices) {
                if (choice.matchesNothing()) {
                    return true;
                }
            }
            return false;
        }

        @Override
        void emit(Program program) {
            int[] jumps = new int[choices.size()];
            for (int number = 0; number < jumps.length; number++) {
                boolean last = number == jumps.length - 1;
                int split = last ? -1 : program.split();
                choices.get(number).emit(program);
                if (!last) {
                    jumps[number] = program.jump();
                    program.land(split);
                }
            }
            for (int number = 0; number < jumps.length - 1; number++) {
                program.land(jumps[number]);
            }
        }
    }

    /** A part as often as possible: at most once, or without limit. */
    static final class Repeated extends Node {
        private final Node part;
        private final boolean optional;
        private final boolean unlimited;

        Repeated(Node part, boolean optional, boolean unlimited) {
            this.part = part;
            this.optional = optional;
            this.unlimited = unlimited;
        }

        @Override
        boolean matchesNothing() {
            return optional || part.matchesNothing();
        }

        @Override
        void emit(Program program) {
            if (unlimited && part instanceof One) {
                program.run(((One) part).set, optional ? 0 : 1);
                return;
            }
            if (!optional) {
                part.emit(program);
            }
            int split = program.split();
            part.emit(program);
            if (unlimited) {
                program.jumpTo(split);
            }
            program.land(split);
        }
    }

    /** Looks ahead without going on: what follows must match, or must not. */
    static final class Ahead extends Node {
        private final Node part;
        private final boolean wanted;

        Ahead(Node part, boolean wanted) {
            this.part = part;
            this.wanted = wanted;
        }

        @Override
        boolean matchesNothing() {
            return true;
        }

        @Override
        void emit(Program program) {
            int ahead = program.ahead(wanted);
            part.emit(program);
            program.end();
            program.land(ahead);
        }
    }
}
